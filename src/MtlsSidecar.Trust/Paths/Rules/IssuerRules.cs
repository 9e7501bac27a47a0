using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>What a certificate must keep to stand above others in a path (RFC 5280 §6.1.4).</summary>
internal static class IssuerRules
{
    /// <summary>Gives the refusal, or null.</summary>
    /// <param name="issuer">The certificate to be put on top; its own rules hold.</param>
    /// <param name="isAnchor">Whether it is a trust anchor.</param>
    /// <param name="below">The path below it, leaf first.</param>
    /// <param name="options">The relying party's inputs.</param>
    public static PeerRejection? Check(ParsedCertificate issuer, bool isAnchor, IReadOnlyList<ParsedCertificate> below, PathOptions options)
    {
        if (issuer.SubjectName.IsEmpty)
        {
            return Refuse(RejectionReason.Malformed, "an authority without a name", "RFC 5280 §4.1.2.6");
        }

        // Versions before 3 can't say what they are. That an operator made one a trust anchor is the "out-of-band means" of (k).
        if (issuer.BasicConstraints is not { IsAuthority: true } && !(isAnchor && (issuer.Version < 3 || BareAnchor.Is(issuer, options))))
        {
            return Refuse(RejectionReason.NotAuthority, "not a certification authority", "RFC 5280 §6.1.4(k)");
        }

        if (issuer.KeyUsage is { } usage && !usage.HasFlag(KeyUsages.KeyCertSign))
        {
            return Refuse(RejectionReason.NotAuthority, "key usage doesn't allow to sign certificates", "RFC 5280 §6.1.4(n)");
        }

        var intermediates = CountIntermediates(below);
        if (issuer.BasicConstraints?.PathLength is { } pathLength && intermediates > pathLength)
        {
            return Refuse(RejectionReason.PathTooLong, $"{intermediates} intermediates below a path length of {pathLength}", "RFC 5280 §6.1.4(l), (m)");
        }

        if (!isAnchor && intermediates + (issuer.IsSelfIssued ? 0 : 1) > options.MaxDepth)
        {
            return Refuse(RejectionReason.PathTooLong, $"more than {options.MaxDepth} intermediates", "maximum depth");
        }

        return null;

        PeerRejection Refuse(RejectionReason reason, string detail, string rule) => new(reason, detail, rule, issuer.SubjectText);
    }

    /// <summary>The leaf is none, whatever it is; self-issued ones serve key rollover and aren't counted (RFC 5280 §4.2.1.9).</summary>
    private static int CountIntermediates(IReadOnlyList<ParsedCertificate> below)
    {
        var count = 0;
        for (var i = 1; i < below.Count; i++)
        {
            count += below[i].IsSelfIssued ? 0 : 1;
        }

        return count;
    }
}
