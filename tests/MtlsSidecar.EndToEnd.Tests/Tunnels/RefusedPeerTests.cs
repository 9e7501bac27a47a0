using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 1, for tunnels: no bad peer reaches the application, which isn't even dialled.</summary>
public sealed class RefusedPeerTests(TunnelFixture fixture) : IClassFixture<TunnelFixture>
{
    public static TheoryData<string, string> Kinds => BadPeers.All;

    private SidecarProcess Sidecar => fixture.Pair.Orders;

    private int Port => Sidecar.Tunnel(TunnelPair.In);

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task BadCertificate_IsRefused(string kind, string reason) => await AssertRefusedAsync(BadPeers.Forge(fixture.Pki, kind), reason, "-tls1_3");

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task NoCertificate_IsRefused(string protocol) => await AssertRefusedAsync(peer: null, "NoCertificate", protocol);

    [Fact]
    public async Task RevokedCertificate_IsRefused()
    {
        var peer = fixture.Pki.Issue("revoked", WorkloadPki.ForWorkload("users"));
        fixture.Pki.Revoke(peer);
        await Eventually.HoldsAsync(
            async () =>
            {
                await OpenSslClient.SendAsync(Port, "hello", peer, "-tls1_3");
                return Sidecar.Log.Lines().Any(line => line["Reason"] == "Revoked");
            },
            "the new CRL refuses the peer");

        await AssertRefusedAsync(peer, "Revoked", "-tls1_3");
    }

    private async Task AssertRefusedAsync(WorkloadFiles? peer, string reason, string protocol)
    {
        var position = Sidecar.Log.Position;

        await OpenSslClient.SendAsync(Port, "hello", peer, protocol);

        var line = await Sidecar.Log.WaitForRefusalAsync(reason, position);
        line.Event.Should().Be("PeerRefused");
        line["Listener"].Should().Be(TunnelPair.In);
        fixture.Application.IsUntouched.Should().BeTrue();
    }
}
