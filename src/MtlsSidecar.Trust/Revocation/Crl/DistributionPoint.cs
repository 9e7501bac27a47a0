using System.Formats.Asn1;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Where a certificate's revocation is published (<c>DistributionPoint</c>, RFC 5280 §4.2.1.13).</summary>
/// <param name="Name">The point's name; null when only an issuer is given.</param>
/// <param name="Reasons">The reasons that its CRLs cover.</param>
/// <param name="CrlIssuers">Who signs the CRLs when it is not the certificate's issuer: an indirect CRL. Null: the issuer itself.</param>
internal sealed record DistributionPoint(DistributionPointName? Name, ReasonFlags Reasons, IReadOnlyList<GeneralName>? CrlIssuers)
{
    private const int MaxPoints = 32;

    /// <summary>Where its CRLs can be fetched over plain HTTP; other schemes are never followed.</summary>
    public IEnumerable<string> HttpUrls => Name is null
        ? []
        : Name.Names.Where(name => name.Kind == GeneralNameKind.Uri && name.Text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)).Select(name => name.Text);

    /// <summary>The point that every certificate has: CRLs of its own issuer, for all reasons (RFC 5280 §6.3.3, last paragraph).</summary>
    public static DistributionPoint Implied(DistinguishedName certificateIssuer)
        => new(new DistributionPointName([GeneralName.ForDirectory(certificateIssuer)]), ReasonFlags.All, null);

    /// <summary>Reads a certificate's <c>cRLDistributionPoints</c> or <c>freshestCRL</c> (§4.2.1.15); empty when there is none.</summary>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static IReadOnlyList<DistributionPoint> ReadAll(ParsedCertificate certificate, string oid)
        => certificate.Extensions.TryGetValue(oid, out var extension) ? ReadAll(extension.RawData, certificate.IssuerName) : [];

    /// <summary>Reads the value of <c>cRLDistributionPoints</c> or <c>freshestCRL</c>.</summary>
    /// <param name="value">The extension's value.</param>
    /// <param name="issuer">The issuer of the certificate or CRL that carries it.</param>
    /// <exception cref="AsnContentException">It is malformed.</exception>
    public static List<DistributionPoint> ReadAll(ReadOnlyMemory<byte> value, DistinguishedName issuer)
    {
        var sequence = DerValue.ReadNonEmptySequence(value);
        var points = new List<DistributionPoint>();
        while (sequence.HasData)
        {
            if (points.Count == MaxPoints)
            {
                throw new AsnContentException($"more than {MaxPoints} distribution points");
            }

            points.Add(Read(sequence.ReadSequence(), issuer));
        }

        return points;
    }

    /// <summary>Who issues the point's CRLs.</summary>
    public IEnumerable<DistinguishedName> IssuersOf(ParsedCertificate certificate)
        => CrlIssuers is null ? [certificate.IssuerName] : CrlIssuers.Where(name => name.DirectoryName is not null).Select(name => name.DirectoryName!);

    /// <summary>Whether an issuer is one of those that issue the point's CRLs.</summary>
    public bool IsOf(DistinguishedName issuer, ParsedCertificate certificate)
        => CrlIssuers is null ? certificate.IssuerName.Equals(issuer) : IssuersOf(certificate).Contains(issuer);

    /// <summary>Whether CRLs of that scope speak for a certificate with this point: RFC 5280 §6.3.3 (b).</summary>
    /// <param name="scope">The issuing distribution point; null when the CRL covers everything of its issuer.</param>
    /// <param name="isAuthority">Whether the certificate is an authority's.</param>
    public bool Admits(IssuingDistributionPoint? scope, bool isAuthority)
    {
        // (b)(1): somebody else's CRL must say that it speaks for others. That the issuers match is how the CRL was found.
        if (scope is null)
        {
            return CrlIssuers is null;
        }

        if (CrlIssuers is not null && !scope.IsIndirect)
        {
            return false;
        }

        // (b)(2)
        var names = Name?.Names ?? CrlIssuers ?? [];
        return (scope.Name is null || scope.Name.Matches(names))
            && !(scope.OnlyUserCertificates && isAuthority)
            && !(scope.OnlyAuthorityCertificates && !isAuthority)
            && !scope.OnlyAttributeCertificates;
    }

    private static DistributionPoint Read(AsnReader fields, DistinguishedName certificateIssuer)
    {
        // The name may be relative to the CRL issuer, which stands behind it: keep it until that is known.
        var name = IsNext(fields, 0) ? fields.ReadSequence(Tag(0)) : null;
        var reasons = IsNext(fields, 1) ? ReasonFlagsReader.Read(fields, Tag(1)) : ReasonFlags.All;
        var crlIssuers = IsNext(fields, 2) ? GeneralNames.ReadContent(fields.ReadSequence(Tag(2))) : null;
        fields.ThrowIfNotEmpty();
        if (name is null && crlIssuers is null)
        {
            throw new AsnContentException("distribution point with neither a name nor a CRL issuer (RFC 5280 §4.2.1.13)");
        }

        var relativeTo = crlIssuers?.FirstOrDefault(issuer => issuer.DirectoryName is not null)?.DirectoryName ?? certificateIssuer;
        return new DistributionPoint(name is null ? null : DistributionPointName.Read(name, relativeTo), reasons, crlIssuers);
    }

    private static Asn1Tag Tag(int number) => new(TagClass.ContextSpecific, number);

    private static bool IsNext(AsnReader reader, int number) => reader.HasData && reader.PeekTag().HasSameClassAndValue(Tag(number));
}
