using MtlsSidecar.Trust.Paths;
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
        _cache.TryGet(Key("a") with { Fingerprint = "b" }, Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { TrustGeneration = 8 }, Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { ValidatorGeneration = 8 }, Now, out _).Should().BeFalse();
        _cache.TryGet(Key("a") with { KnownIssuers = new List<ParsedCertificate>() }, Now, out _).Should().BeFalse();
    }

    [Fact]
    public void FullCache_ForgetsWhatEndsFirstAndNothingElse()
    {
        for (var minutes = 1; minutes <= 4; minutes++)
        {
            _cache.Add(Key($"{minutes}"), Verdict, Now.AddMinutes(minutes));
        }

        new[] { "1", "2", "3", "4" }.Where(name => _cache.TryGet(Key(name), Now, out _)).Should().Equal("2", "3", "4");
    }

    [Fact]
    public void LeafWithEverOtherCertificatesBesideIt_DisplacesOnlyItsOwnVerdict()
    {
        _cache.Add(Key("honest"), Verdict, Now.AddMinutes(1));
        for (var junk = 0; junk < 10; junk++)
        {
            _cache.Add(Key("hostile") with { Fingerprint = $"{junk}" }, Verdict, Now.AddMinutes(2));
        }

        _cache.TryGet(Key("honest"), Now, out _).Should().BeTrue();
        _cache.TryGet(Key("hostile") with { Fingerprint = "9" }, Now, out _).Should().BeTrue();
        _cache.TryGet(Key("hostile") with { Fingerprint = "8" }, Now, out _).Should().BeFalse();
    }

    private static VerdictCache.Key Key(string leaf) => new(leaf, leaf, CertificateUsage.Client, TrustGeneration: 7, ValidatorGeneration: 7, KnownIssuers: []);
}
