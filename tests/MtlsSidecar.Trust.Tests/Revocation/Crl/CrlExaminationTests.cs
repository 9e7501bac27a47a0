using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>What shows of a CRL before any peer asks for it.</summary>
public sealed class CrlExaminationTests : IDisposable
{
    private const string Source = "a.crl";

    // Dates in CRLs have no fractions of a second.
    private readonly ManualTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds()));
    private readonly TestAuthority _root = TestAuthority.CreateRoot("Root");
    private readonly TestAuthority _issuing;
    private readonly TestAuthority _impostor = TestAuthority.CreateRoot("Issuing");
    private readonly CrlStore _store;
    private readonly DateTimeOffset _now;

    public CrlExaminationTests()
    {
        _now = _clock.GetUtcNow();
        _issuing = _root.CreateIntermediate("Issuing");
        _store = new CrlStore(new CrlOptions { MaxStaleness = TimeSpan.FromMinutes(1) }, _clock);
    }

    public void Dispose()
    {
        _store.Dispose();
        _impostor.Dispose();
        _issuing.Dispose();
        _root.Dispose();
    }

    [Fact]
    public void CrlsOfAnAnchorAndOfAKnownIntermediate_AreFine()
    {
        Load("root.crl", Good().Sign(_root));
        Load(Source, Good().Sign(_issuing));

        Examine(["root.crl", Source]).Should().BeEmpty();
        LastErrors.Should().BeEmpty();
    }

    [Fact]
    public void CrlOfAKnownIssuerByAnotherKey_IsCertainlyWrongAndShows()
    {
        Load(Source, Good().Sign(_impostor));

        Examine().Should().ContainSingle().Which.Should().Match<CrlProblem>(problem => problem.IsCertain && problem.Source == Source);
        LastErrors.Should().ContainSingle().Which.Should().Contain("none of the keys");

        Load(Source, (Good() with { Number = 2 }).Sign(_issuing));
        Examine().Should().BeEmpty();
        LastErrors.Should().BeEmpty();
    }

    [Fact]
    public void SecondKeyOfAnIssuerWhoseFirstIsKnown_MayComeWithAPeer()
    {
        Load("other.crl", Good().Sign(_issuing));
        Load(Source, Good().Sign(_impostor));

        Examine(["other.crl", Source]).Should().ContainSingle().Which.IsCertain.Should().BeFalse();
        LastErrors.Should().BeEmpty();
    }

    [Fact]
    public void CrlOfAnIssuerThatNobodyKnows_MayComeWithAPeer()
    {
        using var other = _root.CreateIntermediate("Other");
        Load(Source, Good().Sign(other));

        Examine().Should().ContainSingle().Which.Should().Match<CrlProblem>(problem => !problem.IsCertain && problem.Message.Contains("until a peer presents"));
        LastErrors.Should().BeEmpty();
    }

    [Fact]
    public void IntermediateThatNoAnchorVouchesFor_VouchesForNoCrl()
    {
        Load(Source, Good().Sign(_impostor));

        _store.Examine([Source], new KnownIssuers([Parse(_root)], [Parse(_impostor)])).Should().ContainSingle().Which.IsCertain.Should().BeFalse();
    }

    [Fact]
    public void Crl_IsStaleOnceMaxStalenessIsOver()
    {
        Load(Source, (Good() with { NextUpdate = _now.AddMinutes(1) }).Sign(_issuing));
        Examine().Should().BeEmpty();

        _clock.Advance(TimeSpan.FromMinutes(2));
        Examine().Should().BeEmpty();
        LastErrors.Should().BeEmpty();

        _clock.Advance(TimeSpan.FromSeconds(2));
        Examine().Should().ContainSingle().Which.Should().Match<CrlProblem>(problem => problem.IsCertain && problem.Message.Contains("stale since"));
        LastErrors.Should().ContainSingle().Which.Should().Contain("stale since");
    }

    [Fact]
    public void StaleCrlBesideANewerOne_IsNobodysProblem()
    {
        var stale = Good() with { ThisUpdate = _now.AddHours(-3), NextUpdate = _now.AddHours(-2) };
        Load("old.crl", stale.Sign(_issuing));
        Load(Source, (Good() with { Number = 2 }).Sign(_issuing));

        Examine(["old.crl", Source]).Should().BeEmpty();
    }

    [Fact]
    public void StaleCrlWithACurrentDelta_IsFine()
    {
        Load("base.crl", (Good() with { ThisUpdate = _now.AddHours(-3), NextUpdate = _now.AddHours(-2) }).Sign(_issuing));
        Load(Source, (Good() with { Number = 2, BaseNumber = 1 }).Sign(_issuing));

        Examine(["base.crl", Source]).Should().BeEmpty();
    }

    [Fact]
    public void StaleDelta_LeavesTheCompleteCrlInForce()
    {
        Load("base.crl", Good().Sign(_issuing));
        Load(Source, (Good() with { Number = 2, BaseNumber = 1, ThisUpdate = _now.AddHours(-3), NextUpdate = _now.AddHours(-2) }).Sign(_issuing));

        Examine(["base.crl", Source]).Should().ContainSingle().Which.IsCertain.Should().BeFalse();
    }

    [Fact]
    public void CrlFromTheFuture_IsNoGoodUntilItsTimeComes()
    {
        Load(Source, (Good() with { ThisUpdate = _now.AddMinutes(1) }).Sign(_issuing));
        Examine().Should().ContainSingle().Which.Message.Should().Contain("not in force before");

        _clock.Advance(TimeSpan.FromMinutes(1));
        Examine().Should().BeEmpty();
    }

    private IEnumerable<string> LastErrors => _store.Status.Select(crl => crl.LastError).OfType<string>();

    private static ParsedCertificate Parse(TestAuthority authority) =>
        ParsedCertificate.TryParse(authority.Certificate.RawDataMemory, out var certificate, out var error) ? certificate : throw new InvalidOperationException(error);

    private TestCrl Good() => new() { ThisUpdate = _now.AddHours(-1), NextUpdate = _now.AddDays(1) };

    private void Load(string source, byte[] crl) => _store.Load(source, crl).Should().BeNull();

    private IReadOnlyList<CrlProblem> Examine() => Examine([Source]);

    private IReadOnlyList<CrlProblem> Examine(string[] sources) => _store.Examine(sources, new KnownIssuers([Parse(_root)], [Parse(_issuing)]));
}
