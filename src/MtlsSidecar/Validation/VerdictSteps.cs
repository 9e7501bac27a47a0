using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>
/// Tells a verdict step by step, in the order in which <see cref="PeerValidator"/> takes them: those before the one that refused have
/// passed, those after it were not reached.
/// </summary>
internal static class VerdictSteps
{
    private static readonly string[] Names =
    [
        "the certificate can be read (RFC 5280 §4)",
        "it is a workload's: usage and no authority (SPIFFE X.509-SVID §4)",
        "it names one identity (SPIFFE X.509-SVID §2)",
        "a path leads to an anchor of that identity's trust domain (RFC 5280 §6.1)",
        "nothing in the path is revoked, and every validator agrees (RFC 5280 §6.3)",
        "it is the peer that was expected",
    ];

    /// <summary>The steps of a verdict.</summary>
    public static IEnumerable<VerdictStep> Of(PeerValidation validation)
    {
        var refusal = (validation as PeerValidation.Rejected)?.Rejection;
        var refusedAt = refusal is null ? Names.Length : StepOf(refusal.Reason);
        for (var step = 0; step < Names.Length; step++)
        {
            yield return step.CompareTo(refusedAt) switch
            {
                < 0 => new VerdictStep(Names[step], "ok", Found(step, validation)),
                0 => new VerdictStep(Names[step], "refused", Explain(refusal!)),
                _ => new VerdictStep(Names[step], "not reached", ""),
            };
        }
    }

    /// <summary>A new reason without a step of its own counts as found on the path, where most rules are.</summary>
    private static int StepOf(RejectionReason reason) => reason switch
    {
        RejectionReason.NoCertificate or RejectionReason.Malformed => 0,
        RejectionReason.WrongKeyUsage or RejectionReason.AuthorityAsLeaf => 1,
        RejectionReason.IdentityMissing or RejectionReason.IdentityAmbiguous => 2,
        RejectionReason.Revoked or RejectionReason.RevocationUnknown or RejectionReason.AuthorityRejected
            or RejectionReason.ValidatorUnavailable or RejectionReason.DeadlineExceeded => 4,
        RejectionReason.IdentityMismatch => 5,
        _ => 3,
    };

    private static string Found(int step, PeerValidation validation) => validation is not PeerValidation.Accepted { Peer: var peer } ? "" : step switch
    {
        2 => peer.Identity.Name,
        3 => string.Join(" ← ", peer.Path.Certificates.Select(certificate => certificate.SubjectText)),
        4 => peer.ValidUntil == DateTimeOffset.MaxValue ? "" : $"holds until {peer.ValidUntil:u} at the latest",
        _ => "",
    };

    private static string Explain(PeerRejection rejection)
        => string.Join(": ", new[] { rejection.Reason.ToString(), rejection.Certificate, rejection.Detail, rejection.Rule }.Where(part => !string.IsNullOrEmpty(part)));
}
