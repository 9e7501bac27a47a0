using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What a certificate says that decides which CRLs speak of it or which it may sign. All methods throw <see cref="AsnContentException"/>.</summary>
internal static class CertificateExtensions
{
    private const int CrlSignBit = 6;

    /// <summary>The value of <c>cRLDistributionPoints</c> (RFC 5280 §4.2.1.13); empty when there is none.</summary>
    public static IReadOnlyList<DistributionPoint> DistributionPoints(ParsedCertificate certificate, NameKey issuer)
        => Value(certificate, "2.5.29.31") is { } value ? DistributionPoint.ReadAll(value, issuer) : [];

    /// <summary>The value of <c>freshestCRL</c> (RFC 5280 §4.2.1.15); empty when there is none.</summary>
    public static IReadOnlyList<DistributionPoint> FreshestCrl(ParsedCertificate certificate, NameKey issuer)
        => Value(certificate, "2.5.29.46") is { } value ? DistributionPoint.ReadAll(value, issuer) : [];

    /// <summary>Whether the certificate is an authority's (RFC 5280 §4.2.1.9).</summary>
    public static bool IsAuthority(ParsedCertificate certificate)
    {
        if (Value(certificate, "2.5.29.19") is not { } value)
        {
            return false;
        }

        var fields = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
        return fields.HasData && fields.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && fields.ReadBoolean();
    }

    /// <summary>Whether the key may sign CRLs: it has the cRLSign bit, or no key usage at all (RFC 5280 §6.3.3 (f)).</summary>
    public static bool MaySignCrls(ParsedCertificate certificate)
    {
        if (Value(certificate, "2.5.29.15") is not { } value)
        {
            return true;
        }

        var bits = new AsnReader(value, AsnEncodingRules.DER).ReadBitString(out _);
        return bits.Length > 0 && (bits[0] & (0x80 >> CrlSignBit)) != 0;
    }

    /// <summary>The value of <c>subjectKeyIdentifier</c>; null when there is none.</summary>
    public static byte[]? SubjectKeyIdentifier(ParsedCertificate certificate)
        => Value(certificate, "2.5.29.14") is { } value ? KeyIdentifiers.ReadSubjectKeyIdentifier(value) : null;

    private static byte[]? Value(ParsedCertificate certificate, string oid)
        => certificate.Extensions.TryGetValue(oid, out var extension) ? extension.RawData : null;
}
