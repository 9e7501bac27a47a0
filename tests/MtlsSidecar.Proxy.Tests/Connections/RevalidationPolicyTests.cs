using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Connections;

public sealed class RevalidationPolicyTests
{
    private static readonly RevalidationPolicy Policy = new(StaleCutsConnections: false);

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
