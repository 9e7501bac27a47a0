using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>What each certificate of a path must keep whatever its place in it.</summary>
internal static class CertificateRules
{
    /// <summary>Gives the refusal, or null.</summary>
    public static PeerRejection? Check(ParsedCertificate certificate, bool isAnchor, PathOptions options, DateTimeOffset at)
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

        if (content.Extensions.BasicConstraints is not { IsAuthority: true } && ForAuthoritiesOnly(content.Extensions) is { } contradiction)
        {
            return Refuse(contradiction.Reason, contradiction.Detail, contradiction.Rule);
        }

        // A subject that only a skippable extension names would be nobody to a reader who skips it.
        if (content.Subject.IsEmpty && !IsCritical(certificate, ExtensionOids.SubjectAlternativeName))
        {
            return Refuse(RejectionReason.Malformed, "an empty subject without critical alternative names", "RFC 5280 §4.1.2.6");
        }

        return AlgorithmFloor.Check(certificate, content, isAnchor, options) ?? ExtendedKeyUsageRules.Check(certificate, options.Usage);

        PeerRejection Refuse(RejectionReason reason, string detail, string rule) => new(reason, detail, rule, certificate.SubjectText);
    }

    /// <summary>
    /// What only an authority may have. A certificate that has it without being one was issued by mistake or to deceive a reader who looks
    /// at one of the two places.
    /// </summary>
    private static (RejectionReason Reason, string Detail, string Rule)? ForAuthoritiesOnly(CertificateExtensions extensions)
    {
        if (extensions.NameConstraints is not null)
        {
            return (RejectionReason.NameConstraint, "name constraints in a certificate that is not an authority's", "RFC 5280 §4.2.1.10");
        }

        return extensions.KeyUsage is { } usage && usage.HasFlag(KeyUsages.KeyCertSign)
            ? (RejectionReason.NotAuthority, "key usage allows to sign certificates, basic constraints don't", "RFC 5280 §4.2.1.9")
            : null;
    }

    private static bool IsCritical(ParsedCertificate certificate, string oid)
        => certificate.Extensions.TryGetValue(oid, out var extension) && extension.Critical;
}
