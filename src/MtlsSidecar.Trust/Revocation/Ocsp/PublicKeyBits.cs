using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>The bits of a public key and their hashes, by which OCSP names keys. The hashes are names for a lookup; security rests on signatures alone.</summary>
internal static class PublicKeyBits
{
    /// <summary>The content of a certificate's <c>subjectPublicKey</c>, without tag, length and unused bits.</summary>
    /// <exception cref="AsnContentException">There is none that is whole octets.</exception>
    public static byte[] Of(ParsedCertificate certificate)
    {
        var document = new AsnReader(certificate.SubjectPublicKeyInfo, AsnEncodingRules.DER);
        var info = document.ReadSequence();
        document.ThrowIfNotEmpty();
        info.ReadSequence();
        var bits = info.ReadBitString(out var unusedBits);
        info.ThrowIfNotEmpty();
        return unusedBits == 0 ? bits : throw new AsnContentException("a key that is not whole octets");
    }

    /// <summary>SHA-1, as RFC 6960 §4.2.1 fixes it for key identifiers and RFC 5019 §2.1.1 for requests.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6960 §4.2.1 and RFC 5019 §2.1.1 demand SHA-1 here.")]
    public static byte[] Sha1(ReadOnlySpan<byte> data) => SHA1.HashData(data);
}
