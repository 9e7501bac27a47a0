using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>What a forged OCSP response says of one certificate. The defaults make a good one, of an hour ago and for a day.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Issuer">Its issuer.</param>
public sealed record TestOcspEntry(X509Certificate2 Certificate, X509Certificate2 Issuer)
{
    public const string Sha1 = "1.3.14.3.2.26";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha384 = "2.16.840.1.101.3.4.2.2";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";
    private static readonly Asn1Tag Explicit0 = new(TagClass.ContextSpecific, 0, isConstructed: true);

    public TestOcspStatus Status { get; init; } = TestOcspStatus.Good;

    /// <summary>Why it is revoked; null leaves the reason out.</summary>
    public int? Reason { get; init; }

    public DateTimeOffset ThisUpdate { get; init; } = TestOcspResponse.Now.AddHours(-1);

    public DateTimeOffset? NextUpdate { get; init; } = TestOcspResponse.Now.AddDays(1);

    /// <summary>The hash by which the issuer is named; an object identifier of none that is known stands with SHA-256's hashes.</summary>
    public string HashAlgorithm { get; init; } = Sha1;

    /// <summary>Another hash of the issuer's name.</summary>
    public byte[]? NameHash { get; init; }

    /// <summary>Another hash of the issuer's key.</summary>
    public byte[]? KeyHash { get; init; }

    /// <summary>Another serial number than the certificate's.</summary>
    public byte[]? SerialNumber { get; init; }

    /// <summary>Extensions of the entry.</summary>
    public IReadOnlyList<X509Extension> Extensions { get; init; } = [];

    internal void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            WriteCertId(writer);
            WriteStatus(writer);
            writer.WriteGeneralizedTime(ThisUpdate, omitFractionalSeconds: true);
            if (NextUpdate is { } nextUpdate)
            {
                using (writer.PushSequence(Explicit0))
                {
                    writer.WriteGeneralizedTime(nextUpdate, omitFractionalSeconds: true);
                }
            }

            TestOcspResponse.WriteExtensions(writer, Extensions);
        }
    }

    private void WriteCertId(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(HashAlgorithm);
                writer.WriteNull();
            }

            writer.WriteOctetString(NameHash ?? Hash(Certificate.IssuerName.RawData));
            writer.WriteOctetString(KeyHash ?? Hash(Issuer.PublicKey.EncodedKeyValue.RawData));
            writer.WriteInteger(SerialNumber ?? Certificate.SerialNumberBytes.Span);
        }
    }

    private byte[] Hash(byte[] data) => HashAlgorithm switch
    {
        Sha1 => HashSha1(data),
        Sha384 => SHA384.HashData(data),
        Sha512 => SHA512.HashData(data),
        _ => SHA256.HashData(data),
    };

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "RFC 6960 §4.2.1 demands SHA-1 here.")]
    internal static byte[] HashSha1(byte[] data) => SHA1.HashData(data);

    private void WriteStatus(AsnWriter writer)
    {
        switch (Status)
        {
            case TestOcspStatus.Good:
                writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, 0));
                break;
            case TestOcspStatus.Unknown:
                writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, 2));
                break;
            default:
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 1)))
                {
                    writer.WriteGeneralizedTime(ThisUpdate.AddHours(-1), omitFractionalSeconds: true);
                    if (Reason is { } reason)
                    {
                        using (writer.PushSequence(Explicit0))
                        {
                            writer.WriteEncodedValue(new byte[] { 0x0A, 0x01, (byte)reason });
                        }
                    }
                }

                break;
        }
    }
}
