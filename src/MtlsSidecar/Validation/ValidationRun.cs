using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>
/// Judges one job with the validator that the daemon uses, on the job's own trust, CRLs and time. Fetches nothing: an audit of a PKI must
/// not depend on who answers today.
/// </summary>
internal static class ValidationRun
{
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

    private static List<IRevocationSource> Sources(ValidationJob job, TimeProvider clock)
    {
        var store = new CrlStore(new CrlOptions { AlgorithmFloor = job.Path.AlgorithmFloor }, clock);
        for (var i = 0; i < job.Crls.Count; i++)
        {
            // A CRL that can't be read covers nothing: the unknown policy decides, as in the daemon.
            store.Load($"CRL {i + 1}", job.Crls[i].Span);
        }

        return [new CrlRevocationSource(store)];
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
