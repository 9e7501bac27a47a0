using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>Reasons masks: RFC 5280 §6.3.3 (d), (e) and (l). Bits: 1 key compromise … 8 AA compromise.</summary>
public sealed class CrlReasonsTests : CrlHouse
{
    private static readonly int[] Some = [1, 2];
    private static readonly int[] Rest = [3, 4, 5, 6, 7, 8];

    [Fact]
    public void CrlForSomeReasons_IsNotEnough()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { Reasons = Some }.AsScope() });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void CrlsForAllReasonsTogether_AreEnough()
    {
        Load(new TestCrl { Scope = new TestDistributionPoint { Reasons = Some }.AsScope() });
        Load(new TestCrl { Scope = new TestDistributionPoint { Reasons = Rest }.AsScope() });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void ListedForOneOfTheReasons_IsRevokedEvenIfOthersAreNotCovered()
    {
        var leaf = Leaf();
        Load(new TestCrl { Scope = new TestDistributionPoint { Reasons = Some }.AsScope(), Entries = [TestCrlEntry.For(leaf) with { Reason = 1 }] });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void ReasonsOfTheDistributionPoint_NarrowWhatACrlCovers()
    {
        Load(new TestCrl { Scope = Point("http://crl.test/a").AsScope() });
        var leaf = Leaf(Point("http://crl.test/a") with { Reasons = Some });

        StatusOf(leaf).Should().Be(RevocationStatus.Unknown, "the point is there for two reasons only");

        Load(new TestCrl { Scope = Point("http://crl.test/b").AsScope() });
        StatusOf(Leaf(Point("http://crl.test/a") with { Reasons = Some }, Point("http://crl.test/b") with { Reasons = Rest })).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void ReasonsOfBothThatDontMeet_CoverNothing()
    {
        Load(new TestCrl { Scope = (Point("http://crl.test/a") with { Reasons = Rest }).AsScope() });

        StatusOf(Leaf(Point("http://crl.test/a") with { Reasons = Some })).Should().Be(RevocationStatus.Unknown);
    }
}
