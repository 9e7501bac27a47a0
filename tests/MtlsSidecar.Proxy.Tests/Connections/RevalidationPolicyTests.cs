using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Connections;

public sealed class RevalidationPolicyTests
{
    private static readonly RevalidationPolicy Policy = new(StaleCutsConnections: false);

    [Theory]
    [InlineData(true, 60, 1, 1)]
    [InlineData(true, 0, 1, 5)]
    [InlineData(true, -60, 1, 5)]
    [InlineData(true, 0, 8, 8)]
    [InlineData(false, 60, 1, 30)]
    [InlineData(false, 0, 8, 30)]
    [InlineData(true, 0, 60, 60)]
    [InlineData(false, 0, 60, 60)]
    [InlineData(true, 60, 0, 5)]
    [InlineData(false, 60, 0, 30)]
    public void Verdict_IsAskedForAgainWhenItEnds_ButNotAllTheTime(bool staleCuts, int heldForSeconds, int holdsForSeconds, int expectedSeconds)
    {
        var now = DateTimeOffset.UnixEpoch;

        new RevalidationPolicy(staleCuts).NextReview(now.AddSeconds(heldForSeconds), now.AddSeconds(holdsForSeconds), now).Should().Be(now.AddSeconds(expectedSeconds));
    }

    [Fact]
    public void NobodyToAsk_KeepsConnectionsOpen()
        => Policy.KeepsOpen(new PeerRejection(RejectionReason.ValidatorUnavailable, "refused")).Should().BeTrue();

    [Fact]
    public void DefectOfOurs_ClosesConnections()
        => Policy.KeepsOpen(new PeerRejection(RejectionReason.ValidatorUnavailable, "defect") { IsDefect = true }).Should().BeFalse();

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void UnknownRevocation_IsTheOperatorsChoice(bool staleCuts, bool keepsOpen)
        => new RevalidationPolicy(staleCuts).KeepsOpen(new PeerRejection(RejectionReason.RevocationUnknown, "stale")).Should().Be(keepsOpen);
}
