using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Tests.Validation;

public sealed class VerdictCacheTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch;
    private static readonly PeerValidation Verdict = new PeerValidation.Rejected(new PeerRejection(RejectionReason.Malformed, "any verdict serves"));
    private readonly VerdictCache _cache = new(capacity: 3);

    [Fact]
    public void RememberedVerdict_IsGivenUntilItEnds()
    {
        _cache.Add(Key("a"), Verdict, Now.AddMinutes(1));

        _cache.TryGet(Key("a"), Now.AddSeconds(59), out var verdict).Should().BeTrue();
        verdict.Should().BeSameAs(Verdict);
        _cache.TryGet(Key("a"), Now.AddMinutes(1), out _).Should().BeFalse();
    }

    [Fact]
    public void EveryPartOfTheKey_Separates()
    {
        _cache.Add(Key("a"), Verdict, Now.AddMinutes(1));

        _cache.TryGet(Key("b"), Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { Usage = CertificateUsage.Server }, Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { TrustGeneration = 8 }, Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { ValidatorGeneration = 8 }, Now, out _).Should().BeFalse();
    }

    [Fact]
    public void FullCache_ForgetsAndNeverGrows()
    {
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            _cache.Add(Key(name), Verdict, Now.AddMinutes(1));
        }

        new[] { "a", "b", "c", "d" }.Count(name => _cache.TryGet(Key(name), Now, out _)).Should().BeLessThanOrEqualTo(3);
        _cache.TryGet(Key("d"), Now, out _).Should().BeTrue();
    }

    private static VerdictCache.Key Key(string fingerprint) => new(fingerprint, CertificateUsage.Client, TrustGeneration: 7, ValidatorGeneration: 7);
}
