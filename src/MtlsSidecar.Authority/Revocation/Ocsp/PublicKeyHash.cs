using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>Hashes by which OCSP names keys: a name for a lookup, nothing that security rests on.</summary>
internal static class PublicKeyHash
{
    /// <summary>SHA-1 over the key's bits, without tag, length and unused bits (RFC 6960 §4.2.1).</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6960 §4.2.1 and RFC 5019 §2.1.1 demand SHA-1 here.")]
    public static byte[] Sha1(PublicKey key) => SHA1.HashData(key.EncodedKeyValue.RawData);

    /// <summary>The hash of one of the algorithms that a request may use.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 5019 §2.1.1 demands SHA-1 of clients.")]
    public static byte[] Compute(string algorithm, ReadOnlySpan<byte> data) => algorithm == Sha1Oid ? SHA1.HashData(data) : SHA256.HashData(data);

    /// <summary>SHA-1.</summary>
    public const string Sha1Oid = "1.3.14.3.2.26";

    /// <summary>SHA-256.</summary>
    public const string Sha256Oid = "2.16.840.1.101.3.4.2.1";
}
