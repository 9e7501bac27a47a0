using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>The name of a certificate in requests and responses (<c>CertID</c>, RFC 6960 §4.1.1).</summary>
/// <param name="Algorithm">The hash's object identifier.</param>
/// <param name="NameHash">Hash of the issuer's name.</param>
/// <param name="KeyHash">Hash of the issuer's key bits.</param>
/// <param name="SerialNumber">The serial number's content octets.</param>
internal sealed record OcspCertId(string Algorithm, ReadOnlyMemory<byte> NameHash, ReadOnlyMemory<byte> KeyHash, ReadOnlyMemory<byte> SerialNumber)
{
    /// <summary>Longer than any hash or serial number that we could match.</summary>
    private const int MaxFieldLength = 64;

    /// <summary>Reads one.</summary>
    /// <exception cref="AsnContentException">It is none.</exception>
    public static OcspCertId Read(AsnReader reader)
    {
        var fields = reader.ReadSequence();
        var algorithm = fields.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
        {
            algorithm.ReadNull();
        }

        algorithm.ThrowIfNotEmpty();
        var id = new OcspCertId(oid, fields.ReadOctetString(), fields.ReadOctetString(), fields.ReadIntegerBytes());
        fields.ThrowIfNotEmpty();
        return id.NameHash.Length <= MaxFieldLength && id.KeyHash.Length <= MaxFieldLength && id.SerialNumber.Length <= MaxFieldLength
            ? id
            : throw new AsnContentException($"a field of a CertID is longer than {MaxFieldLength} octets");
    }

    /// <summary>Names a certificate by SHA-1: RFC 5019 §2.1.1 demands it of clients, and it is what every responder knows.</summary>
    /// <exception cref="AsnContentException">The issuer's key can't be read.</exception>
    public static OcspCertId Of(ParsedCertificate certificate, ParsedCertificate issuer)
        => new(OcspOids.Sha1, PublicKeyBits.Sha1(certificate.Issuer.Span), PublicKeyBits.Sha1(PublicKeyBits.Of(issuer)), certificate.SerialNumber);

    /// <summary>
    /// Whether this is that certificate: by the name in its own issuer field, the key of the issuer on the validated path, and the number. A
    /// hash that we don't know names nobody.
    /// </summary>
    /// <exception cref="AsnContentException">The issuer's key can't be read.</exception>
    public bool Names(ParsedCertificate certificate, ParsedCertificate issuer)
    {
        if (!SerialNumber.Span.SequenceEqual(certificate.SerialNumber.Span))
        {
            return false;
        }

        var keyBits = PublicKeyBits.Of(issuer);
        return Algorithm switch
        {
            OcspOids.Sha1 => Equal(PublicKeyBits.Sha1(certificate.Issuer.Span), PublicKeyBits.Sha1(keyBits)),
            OcspOids.Sha256 => Equal(SHA256.HashData(certificate.Issuer.Span), SHA256.HashData(keyBits)),
            OcspOids.Sha384 => Equal(SHA384.HashData(certificate.Issuer.Span), SHA384.HashData(keyBits)),
            OcspOids.Sha512 => Equal(SHA512.HashData(certificate.Issuer.Span), SHA512.HashData(keyBits)),
            _ => false,
        };
    }

    /// <summary>Writes it.</summary>
    public void Write(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Algorithm);
                writer.WriteNull();
            }

            writer.WriteOctetString(NameHash.Span);
            writer.WriteOctetString(KeyHash.Span);
            writer.WriteInteger(SerialNumber.Span);
        }
    }

    private bool Equal(ReadOnlySpan<byte> nameHash, ReadOnlySpan<byte> keyHash)
        => NameHash.Span.SequenceEqual(nameHash) && KeyHash.Span.SequenceEqual(keyHash);
}
