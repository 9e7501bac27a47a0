using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>What an operator sees of a tunnel.</summary>
public sealed class ObservationTests(TunnelFixture fixture) : IClassFixture<TunnelFixture>
{
    [Fact]
    public async Task OpenAndClosedTunnel_ShowsInLogMetricsStatusAndPeers()
    {
        var (caller, application) = await fixture.ConnectAsync();
        await caller.SendAsync("12345");
        await application.ReadUntilAsync("5");
        await application.SendAsync("123");
        await caller.ReadUntilAsync("3");

        foreach (var (sidecar, direction, tunnel, peer) in new[]
        {
            (fixture.Pair.Orders, "inbound", TunnelPair.In, "web"),
            (fixture.Pair.Web, "outbound", TunnelPair.Out, "orders"),
        })
        {
            var connections = (await sidecar.StatusAsync()).GetProperty("connections");
            connections.GetProperty("tunnels").GetInt32().Should().Be(1);
            connections.GetProperty(direction).GetInt32().Should().Be(0, "that is for HTTP");
            var shown = (await sidecar.PeersAsync()).GetProperty("peers")[0];
            shown.GetProperty("listener").GetString().Should().Be(tunnel);
            shown.GetProperty("peer").GetString().Should().Be(WorkloadPki.SpiffeId(peer));

            // Counted while the tunnel is still open: one may last for days.
            var (received, sent) = direction == "inbound" ? (5, 3) : (3, 5);
            await Eventually.HoldsAsync(async () => await BytesAsync(sidecar, direction, "from_peer") == received && await BytesAsync(sidecar, direction, "to_peer") == sent, "bytes");
        }

        await caller.DisposeAsync();
        await application.DisposeAsync();

        var line = await fixture.Pair.Orders.Log.WaitForEventAsync("TunnelClosed");
        line["Listener"].Should().Be(TunnelPair.In);
        line["Peer"].Should().Be(WorkloadPki.SpiffeId("web"));
        line["BytesFromPeer"].Should().Be("5");
        line["BytesToPeer"].Should().Be("3");
        line["Reason"].Should().Be("Closed");
        line["Destination"].Should().Be(fixture.Application.Address);
        var outbound = await fixture.Pair.Web.Log.WaitForEventAsync("TunnelClosed");
        outbound["Listener"].Should().Be(TunnelPair.Out);
        outbound["Peer"].Should().Be(WorkloadPki.SpiffeId("orders"));
        outbound["BytesFromPeer"].Should().Be("3");
        outbound["BytesToPeer"].Should().Be("5");
        outbound["Reason"].Should().Be("Closed");
        outbound["Destination"].Should().Be(fixture.Pair.Web.Settings.Text($"Tunnels:{TunnelPair.Out}:Destinations:0"));
        outbound["Remote"].Should().StartWith("127.0.0.1:");
        double.Parse(line["DurationMs"]!, System.Globalization.CultureInfo.InvariantCulture).Should().BePositive();
        (await fixture.Pair.Orders.MetricsAsync()).Sum("mtls_sidecar_tunnel_closed_total", ("tunnel", TunnelPair.In), ("reason", "Closed")).Should().Be(1);
        (await fixture.Pair.Orders.StatusAsync()).GetProperty("connections").GetProperty("tunnels").GetInt32().Should().Be(0);
    }

    private static async Task<double> BytesAsync(SidecarProcess sidecar, string direction, string way)
        => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_tunnel_bytes_total", ("direction", direction), ("way", way));
}
