using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>What each certificate of a path must keep whatever its place in it.</summary>
internal static class CertificateRules
{
    /// <summary>Gives the refusal, or null.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="isAnchor">Whether it is a trust anchor.</param>
    /// <param name="isLeaf">Whether the path is about it; an anchor may be.</param>
    /// <param name="options">The relying party's inputs.</param>
    /// <param name="at">The time for which the path must hold.</param>
    public static PeerRejection? Check(ParsedCertificate certificate, bool isAnchor, bool isLeaf, PathOptions options, DateTimeOffset at)
    {
        if (!certificate.TryReadContent(out var content, out var error))
        {
            return Refuse(RejectionReason.Malformed, error, "RFC 5280 §4.2");
        }

        // Certificates know whole seconds only: notAfter includes its whole second.
        var second = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerSecond));
        if (second < certificate.NotBefore)
        {
            return Refuse(RejectionReason.NotYetValid, $"valid from {certificate.NotBefore:u}, judged at {at:u}", "RFC 5280 §6.1.3(a)(2)");
        }

        if (second > certificate.NotAfter)
        {
            return Refuse(RejectionReason.Expired, $"valid until {certificate.NotAfter:u}, judged at {at:u}", "RFC 5280 §6.1.3(a)(2)");
        }

        if (content.Extensions.UnknownCritical is { } unknown)
        {
            return Refuse(RejectionReason.UnknownCriticalExtension, $"critical extension {unknown}", "RFC 5280 §6.1.4(o), §6.1.5(f)");
        }

        if (content.Extensions.Policies is { } policies && policies.Any(policy => policy.HasUnknownQualifier)
            && certificate.Extensions[ExtensionOids.CertificatePolicies].Critical)
        {
            return Refuse(RejectionReason.UnknownCriticalExtension, "a policy qualifier in a critical extension is not known", "RFC 5280 §4.2.1.4");
        }

        if (Contradiction(content.Extensions, isLeaf, isBare: isAnchor && !isLeaf && BareAnchor.Is(certificate, options)) is { } contradiction)
        {
            return Refuse(contradiction.Reason, contradiction.Detail, contradiction.Rule);
        }

        // A subject that only a skippable extension names would be nobody to a reader who skips it.
        if (content.Subject.IsEmpty && !IsCritical(certificate, ExtensionOids.SubjectAlternativeName))
        {
            return Refuse(RejectionReason.Malformed, "an empty subject without critical alternative names", "RFC 5280 §4.1.2.6");
        }

        // Whatever the floor: a leaf's key signs the handshake, and one that anybody can factor or choose identifies nobody.
        if (content.Key is null)
        {
            return Refuse(RejectionReason.WeakAlgorithm, content.KeyError!, "RFC 5280 §4.1.2.7");
        }

        return AlgorithmFloor.Check(certificate, content, isAnchor, options) ?? ExtendedKeyUsageRules.Check(certificate, options.Usage);

        PeerRejection Refuse(RejectionReason reason, string detail, string rule) => new(reason, detail, rule, certificate.SubjectText);
    }

    /// <summary>
    /// Where a certificate contradicts itself about being an authority's. It was issued by mistake or to deceive a reader who looks at one
    /// of the two places.
    /// </summary>
    private static (RejectionReason Reason, string Detail, string Rule)? Contradiction(CertificateExtensions extensions, bool isLeaf, bool isBare)
    {
        var signsCertificates = extensions.KeyUsage is { } usage && usage.HasFlag(KeyUsages.KeyCertSign);
        if (extensions.BasicConstraints is { IsAuthority: true })
        {
            // Above others, IssuerRules says so with its own section.
            return isLeaf && extensions.KeyUsage is not null && !signsCertificates
                ? (RejectionReason.NotAuthority, "basic constraints make it an authority's, key usage doesn't allow to sign certificates", "RFC 5280 §4.2.1.9, §4.2.1.3")
                : null;
        }

        if (extensions.NameConstraints is not null)
        {
            return (RejectionReason.NameConstraint, "name constraints in a certificate that is not an authority's", "RFC 5280 §4.2.1.10");
        }

        if (extensions.BasicConstraints is { PathLength: not null })
        {
            return (RejectionReason.NotAuthority, "a path length in a certificate that is not an authority's", "RFC 5280 §4.2.1.9");
        }

        return signsCertificates && !isBare
            ? (RejectionReason.NotAuthority, "key usage allows to sign certificates, basic constraints don't", "RFC 5280 §4.2.1.9")
            : null;
    }

    private static bool IsCritical(ParsedCertificate certificate, string oid)
        => certificate.Extensions.TryGetValue(oid, out var extension) && extension.Critical;
}
