using MtlsSidecar.Trust.Identity;
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

    /// <summary>Judges the job.</summary>
    public static ValueTask<PeerValidation> JudgeAsync(ValidationJob job, CancellationToken cancellationToken)
    {
        var clock = new FixedTime(job.At);
        var policy = new RevocationPolicy(job.Revocation ?? DefaultMode(job), job.Unknown);
        var validator = new PeerValidator(
            new AnchorSource(job.Trust),
            new LocalCertificateValidator(policy, Sources(job, clock)),
            new ValidationOptions { Profile = job.Profile, Path = job.Path },
            clock);
        return validator.ValidateAsync(new PresentedChain(job.Leaf, job.Untrusted), Expect(job), cancellationToken);
    }

    private static RevocationMode DefaultMode(ValidationJob job)
        => job.Crls.Count > 0 || job.Ocsp is not null ? RevocationMode.Chain : RevocationMode.Off;

    private static IReadOnlyList<IRevocationSource> Sources(ValidationJob job, TimeProvider clock)
    {
        var store = new CrlStore(new CrlOptions { AlgorithmFloor = job.Path.AlgorithmFloor }, clock);
        for (var i = 0; i < job.Crls.Count; i++)
        {
            // A CRL that can't be read covers nothing: the unknown policy decides, as in the daemon.
            store.Load($"CRL {i + 1}", job.Crls[i].Span);
        }

        var check = new OcspOptions
        {
            AlgorithmFloor = job.Path.AlgorithmFloor,
            MaxAgeWithoutNextUpdate = MaxResponseAge,
            IsRevokedResponder = question => store.Check(question).Status == RevocationStatus.Revoked,
        };
        var ocsp = job.Ocsp is { } response ? new OcspResponseSource(response, check) : null;
        return RevocationSources.InOrder(RevocationOrder.OcspFirst, store, crlFetcher: null, ocsp);
    }

    private static PeerExpectation Expect(ValidationJob job) => new(job.Usage, job.Identity is { } identity ? [PatternOf(identity)] : []);

    /// <summary>Names and addresses match as those of a destination do, wildcard certificates included; a SPIFFE ID matches exactly.</summary>
    private static IdentityPattern PatternOf(string identity) => identity.Split(':', 2) switch
    {
        ["dns" or "ip", var host] => IdentityPattern.ForHost(host),
        _ => IdentityPattern.Parse(identity),
    };

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
