using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>
/// Judges one job with the validator that the daemon uses, on the job's own trust, CRLs, OCSP response and time. Fetches nothing: an audit of a PKI must
/// not depend on who answers today.
/// </summary>
internal static class ValidationRun
{
    /// <summary>A response kept for an audit is older than one just fetched; where it has no nextUpdate, it counts for a week.</summary>
    private static readonly TimeSpan MaxResponseAge = TimeSpan.FromDays(7);

    /// <summary>
    /// Judges the job. Fails closed: a CRL or response that can't be read covers nothing, so that the unknown policy decides, as in the
    /// daemon; the outcome says so.
    /// </summary>
    public static async Task<ValidationOutcome> JudgeAsync(ValidationJob job, CancellationToken cancellationToken)
    {
        var clock = new FixedTime(job.At);
        using var store = new CrlStore(new CrlOptions { AlgorithmFloor = job.Path.AlgorithmFloor }, clock);
        var notes = new List<string>(job.Notes);
        for (var i = 0; i < job.Crls.Count; i++)
        {
            if (store.Load($"CRL {i + 1}", job.Crls[i].Span) is { } refused)
            {
                notes.Add($"CRL {i + 1}: {refused}");
            }
        }

        var validator = new PeerValidator(
            new AnchorSource(job.Trust),
            new LocalCertificateValidator(new RevocationPolicy(job.EffectiveRevocation, job.Unknown), Sources(job, store)),
            new ValidationOptions { Profile = job.Profile, Path = job.Path, MaxCertificates = ValidationInput.MaxUntrusted },
            clock);
        var expectation = new PeerExpectation(job.Usage, job.Identity is { } identity ? [identity] : []);
        return new ValidationOutcome(await validator.ValidateAsync(new PresentedChain(job.Leaf, job.Untrusted), expectation, cancellationToken), notes);
    }

    private static IReadOnlyList<IRevocationSource> Sources(ValidationJob job, CrlStore store)
    {
        var check = new OcspOptions
        {
            AlgorithmFloor = job.Path.AlgorithmFloor,
            MaxAgeWithoutNextUpdate = MaxResponseAge,
            IsRevokedResponder = question => store.Check(question).Status == RevocationStatus.Revoked,
        };
        var ocsp = job.Ocsp is { } response ? new OcspResponseSource(response, check) : null;
        return RevocationSources.InOrder(RevocationOrder.OcspFirst, store, crlFetcher: null, ocsp);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
