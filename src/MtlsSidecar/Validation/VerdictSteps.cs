using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>
/// Tells a verdict step by step, in the order in which <see cref="PeerValidator"/> takes them: those before the one that refused have
/// passed or were not asked for, those after it were not reached.
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

    /// <summary>The steps that a job doesn't ask for.</summary>
    public static IReadOnlySet<ValidationStep> NotAskedBy(ValidationJob job)
    {
        var steps = new HashSet<ValidationStep>();
        if (job.Profile == ValidationProfile.Rfc5280)
        {
            steps.UnionWith([ValidationStep.Profile, ValidationStep.Identity]);
        }

        if (job.EffectiveRevocation == Trust.Revocation.RevocationMode.Off)
        {
            steps.Add(ValidationStep.Validators);
        }

        if (job.Identity is null)
        {
            steps.Add(ValidationStep.Expectation);
        }

        return steps;
    }

    /// <summary>The steps of a verdict.</summary>
    /// <param name="validation">The verdict.</param>
    /// <param name="notAsked">Steps that weren't taken, which must not read as passed.</param>
    public static IEnumerable<VerdictStep> Of(PeerValidation validation, IReadOnlySet<ValidationStep> notAsked)
    {
        var refusal = (validation as PeerValidation.Rejected)?.Rejection;
        var refusedAt = refusal is null ? Names.Length : (int)(refusal.Step ?? StepOf(refusal.Reason));
        for (var step = 0; step < Names.Length; step++)
        {
            yield return step.CompareTo(refusedAt) switch
            {
                < 0 when notAsked.Contains((ValidationStep)step) => new VerdictStep(Names[step], "not asked", ""),
                < 0 => new VerdictStep(Names[step], "ok", Found((ValidationStep)step, validation)),
                0 => new VerdictStep(Names[step], "refused", Explain(refusal!)),
                _ => new VerdictStep(Names[step], "not reached", ""),
            };
        }
    }

    /// <summary>For a refusal that no validator made. A new reason without a step of its own counts as found on the path, where most rules are.</summary>
    private static ValidationStep StepOf(RejectionReason reason) => reason switch
    {
        RejectionReason.NoCertificate or RejectionReason.Malformed => ValidationStep.Reading,
        RejectionReason.WrongKeyUsage or RejectionReason.AuthorityAsLeaf => ValidationStep.Profile,
        RejectionReason.IdentityMissing or RejectionReason.IdentityAmbiguous => ValidationStep.Identity,
        RejectionReason.Revoked or RejectionReason.RevocationUnknown or RejectionReason.AuthorityRejected
            or RejectionReason.ValidatorUnavailable or RejectionReason.DeadlineExceeded => ValidationStep.Validators,
        RejectionReason.IdentityMismatch => ValidationStep.Expectation,
        _ => ValidationStep.Path,
    };

    private static string Found(ValidationStep step, PeerValidation validation) => validation is not PeerValidation.Accepted { Peer: var peer } ? "" : step switch
    {
        ValidationStep.Identity => peer.Identity.Name,
        ValidationStep.Path => string.Join(" ← ", peer.Path.Certificates.Select(certificate => certificate.SubjectText)),
        ValidationStep.Validators => peer.ValidUntil == DateTimeOffset.MaxValue ? "" : $"holds until {peer.ValidUntil:u} at the latest",
        _ => "",
    };

    private static string Explain(PeerRejection rejection)
        => string.Join(": ", new[] { rejection.Reason.ToString(), rejection.Certificate, rejection.Detail, rejection.Rule }.Where(part => !string.IsNullOrEmpty(part)));
}
