using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Trust.Tests.Revocation.Crl;

/// <summary>Delta CRLs: RFC 5280 §5.2.4 and §6.3.3 (c), (h) to (k).</summary>
public sealed class DeltaCrlTests : CrlHouse
{
    [Fact]
    public void RevokedByTheDelta_IsRevoked()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5 });
        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(leaf)] });

        AnswerAbout(leaf).Should().Match<RevocationAnswer>(answer => answer.Status == RevocationStatus.Revoked && answer.Detail.Contains("delta CRL 6"));
    }

    [Fact]
    public void RemovedByTheDelta_IsGood()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.CertificateHold }] });
        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);

        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.RemoveFromCrl }] });

        StatusOf(leaf).Should().Be(RevocationStatus.Good);
    }

    [Fact]
    public void StaleDelta_StillRevokesWhomItLists()
    {
        var (revoked, onHold) = (Leaf(), Leaf());
        Load(new TestCrl { Number = 5 });
        Load(new TestCrl
        {
            Number = 6,
            BaseNumber = 5,
            NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1),
            Entries = [TestCrlEntry.For(revoked), TestCrlEntry.For(onHold) with { Reason = TestCrlEntry.CertificateHold }],
        });

        StatusOf(revoked).Should().Be(RevocationStatus.Revoked);
        StatusOf(onHold).Should().Be(RevocationStatus.Good, "whether it still is on hold nobody says");
    }

    [Fact]
    public void DeltaAlone_RevokesWhomItListsForGood()
    {
        var (revoked, onHold) = (Leaf(), Leaf());
        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(revoked), TestCrlEntry.For(onHold) with { Reason = TestCrlEntry.CertificateHold }] });

        StatusOf(revoked).Should().Be(RevocationStatus.Revoked);
        StatusOf(onHold).Should().Be(RevocationStatus.Unknown);
    }

    [Fact]
    public void NewerDeltaFromALaterBase_DoesNotUndoWhatAnEarlierOneLists()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5 });
        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(leaf)] });
        Load(new TestCrl { Number = 7, BaseNumber = 6 });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked, "the later one begins where the complete CRL with that number lists it");
    }

    [Fact]
    public void DeltaAlone_IsUnknown()
    {
        Load(new TestCrl { Number = 6, BaseNumber = 5 });

        StatusOf(Leaf()).Should().Be(RevocationStatus.Unknown);
    }

    [Theory]
    [InlineData(4, 5, 6, false)]
    [InlineData(5, 5, 6, true)]
    [InlineData(7, 5, 8, true)]
    [InlineData(6, 5, 6, false)]
    [InlineData(7, 5, 6, false)]
    public void Delta_FitsACompleteCrlFromItsBaseUpToItself(int complete, int baseNumber, int delta, bool fits)
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = complete });
        Load(new TestCrl { Number = delta, BaseNumber = baseNumber, Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.CertificateHold }] });

        StatusOf(leaf).Should().Be(fits ? RevocationStatus.Revoked : RevocationStatus.Good);
    }

    [Fact]
    public void DeltaByAnotherKey_IsIgnored()
    {
        var leaf = Leaf();
        var newKey = Own(Root.CreateIntermediate());
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(leaf)] });
        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.RemoveFromCrl }] }, newKey);

        StatusOf(leaf, newKey.Certificate).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void DeltaOfAnotherScope_IsIgnored()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(leaf)] });
        Load(new TestCrl
        {
            Number = 6,
            BaseNumber = 5,
            Scope = new TestDistributionPoint { OnlyUserCertificates = true }.AsScope(),
            Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.RemoveFromCrl }],
        });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void StaleDelta_IsIgnored()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5, Entries = [TestCrlEntry.For(leaf)] });
        Load(new TestCrl
        {
            Number = 6,
            BaseNumber = 5,
            NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1),
            Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.RemoveFromCrl }],
        });

        StatusOf(leaf).Should().Be(RevocationStatus.Revoked);
    }

    [Fact]
    public void CurrentDelta_KeepsAStaleCompleteCrlInForce()
    {
        var delta = new TestCrl { Number = 6, BaseNumber = 5 };
        Load(new TestCrl { Number = 5, NextUpdate = DateTimeOffset.UtcNow.AddMinutes(-1) });
        Load(delta);

        var answer = AnswerAbout(Leaf());

        answer.Status.Should().Be(RevocationStatus.Good);
        answer.ValidUntil.Should().BeCloseTo(delta.NextUpdate!.Value, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void NewestDelta_Counts()
    {
        var leaf = Leaf();
        Load(new TestCrl { Number = 5 });
        Load(new TestCrl { Number = 6, BaseNumber = 5, Entries = [TestCrlEntry.For(leaf) with { Reason = TestCrlEntry.CertificateHold }] });
        Load(new TestCrl { Number = 7, BaseNumber = 5 });

        StatusOf(leaf).Should().Be(RevocationStatus.Good, "the hold was lifted before it came to a complete CRL");
    }
}
