using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The scope of a CRL (<c>issuingDistributionPoint</c>, RFC 5280 §5.2.5).</summary>
/// <param name="Name">The point that the CRL is published at; null: any.</param>
/// <param name="OnlyUserCertificates">The CRL says nothing of authorities' certificates.</param>
/// <param name="OnlyAuthorityCertificates">The CRL says nothing of end entities' certificates.</param>
/// <param name="Reasons">The reasons for which a certificate may be on the CRL.</param>
/// <param name="IsIndirect">Entries may name certificates of other issuers.</param>
/// <param name="OnlyAttributeCertificates">The CRL says nothing of public-key certificates at all.</param>
internal sealed record IssuingDistributionPoint(
    DistributionPointName? Name,
    bool OnlyUserCertificates,
    bool OnlyAuthorityCertificates,
    ReasonFlags Reasons,
    bool IsIndirect,
    bool OnlyAttributeCertificates)
{
    /// <summary>Reads the extension's value.</summary>
    /// <exception cref="AsnContentException">It is malformed, or says nothing at all or contradictory things (RFC 5280 §5.2.5).</exception>
    public static IssuingDistributionPoint Read(ReadOnlyMemory<byte> value, DistinguishedName crlIssuer)
    {
        var fields = DerValue.ReadSequence(value);
        if (!fields.HasData)
        {
            throw new AsnContentException("empty issuing distribution point (RFC 5280 §5.2.5)");
        }

        var name = IsNext(fields, 0) ? DistributionPointName.Read(fields.ReadSequence(Tag(0)), crlIssuer) : null;
        var onlyUser = ReadFlag(fields, 1);
        var onlyAuthority = ReadFlag(fields, 2);
        var reasons = IsNext(fields, 3) ? ReasonFlagsReader.Read(fields, Tag(3)) : ReasonFlags.All;
        var indirect = ReadFlag(fields, 4);
        var onlyAttribute = ReadFlag(fields, 5);
        fields.ThrowIfNotEmpty();
        if ((onlyUser ? 1 : 0) + (onlyAuthority ? 1 : 0) + (onlyAttribute ? 1 : 0) > 1)
        {
            throw new AsnContentException("issuing distribution point with more than one exclusive scope (RFC 5280 §5.2.5)");
        }

        return new IssuingDistributionPoint(name, onlyUser, onlyAuthority, reasons, indirect, onlyAttribute);
    }

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);

    private static bool IsNext(AsnReader reader, int number) => reader.HasData && reader.PeekTag().HasSameClassAndValue(Tag(number));

    /// <summary>An explicit FALSE is no DER (default values are left out), but common and harmless.</summary>
    private static bool ReadFlag(AsnReader reader, int number) => IsNext(reader, number) && reader.ReadBoolean(Tag(number));
}
