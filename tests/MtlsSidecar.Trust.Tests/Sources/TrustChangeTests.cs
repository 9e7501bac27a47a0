using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Tests.Paths;

namespace MtlsSidecar.Trust.Tests.Sources;

public sealed class TrustChangeTests : IDisposable
{
    private static readonly TrustDomain Foo = TrustDomain.Parse("foo.test");
    private static readonly TrustDomain Bar = TrustDomain.Parse("bar.test");
    private static readonly TrustDomain Baz = TrustDomain.Parse("baz.test");
    private readonly TestAuthority _first = TestAuthority.CreateRoot("First");
    private readonly TestAuthority _second = TestAuthority.CreateRoot("Second");

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void ChangedFederatedBundle_ConcernsItsTrustDomainAlone()
        => Concerned(Set(Bundle(Foo, _first), Bundle(Bar, _first), Bundle(Baz, _first)), Set(Bundle(Foo, _first), Bundle(Bar, _second), Bundle(Baz, _first)))
            .Should().Equal(Bar);

    [Fact]
    public void BundleThatCameOrWent_ConcernsItsTrustDomain()
        => Concerned(Set(Bundle(Foo, _first), Bundle(Bar, _first)), Set(Bundle(Foo, _first), Bundle(Baz, _first))).Should().Equal(Bar, Baz);

    [Fact]
    public void ChangedOwnBundle_ConcernsTheOwnTrustDomainAndPeersWithoutOne()
        => Concerned(Set(Bundle(Foo, _first), Bundle(Bar, _first)), Set(Bundle(Foo, _first, _second), Bundle(Bar, _first))).Should().Equal(Foo, null);

    [Fact]
    public void SameBundles_AreNoChange()
        => new TrustChange(Set(Bundle(Foo, _first), Bundle(Bar, _second)), Set(Bundle(Foo, _first), Bundle(Bar, _second))).IsAny.Should().BeFalse();

    private static IEnumerable<TrustDomain?> Concerned(TrustBundleSet before, TrustBundleSet after)
        => new TrustDomain?[] { Foo, Bar, Baz, null }.Where(new TrustChange(before, after).Concerns);

    private static TrustBundleSet Set(TrustBundle own, params TrustBundle[] federated) => new(own, federated);

    private static TrustBundle Bundle(TrustDomain domain, params TestAuthority[] anchors) => new(domain, [.. anchors.Select(anchor => SearchCase.Parse(anchor.Certificate))]);
}
