using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Tunnels;

namespace MtlsSidecar.Proxy.Tests.Hosting;

/// <summary>What URLs inside certificates never lead to: the applications that the policies guard.</summary>
public sealed class ApplicationEndPointsTests
{
    [Fact]
    public void ApplicationAndDestinationsOnThisMachine_AreGuarded()
    {
        var inbound = new InboundOptions { Listen = EndpointAddress.Parse("https://0.0.0.0:8443"), Application = EndpointAddress.Parse("http://127.0.0.1:8080") };
        var tunnels = new TunnelSet(new Dictionary<string, TunnelOptions>
        {
            ["in"] = Tunnel(TunnelDirection.Inbound, "tcp://localhost:5672", "unix:///run/app.sock"),
            ["out"] = Tunnel(TunnelDirection.Outbound, "tcp://127.0.0.1:5671", "tcp://rabbit.internal:5671"),
        });

        SidecarValidation.ApplicationEndPoints(inbound, tunnels).Select(endpoint => endpoint.ToString())
            .Should().BeEquivalentTo("127.0.0.1:8080", "127.0.0.1:5672", "[::1]:5672", "127.0.0.1:5671");
    }

    [Fact]
    public void ApplicationBehindAUnixSocket_NeedsNoGuard()
    {
        var inbound = new InboundOptions { Listen = EndpointAddress.Parse("https://0.0.0.0:8443"), Application = EndpointAddress.Parse("unix:///run/app.sock") };

        SidecarValidation.ApplicationEndPoints(inbound, new TunnelSet(new Dictionary<string, TunnelOptions>())).Should().BeEmpty();
    }

    private static TunnelOptions Tunnel(TunnelDirection direction, params string[] destinations) => new()
    {
        Direction = direction,
        Listen = EndpointAddress.Parse("tcp://127.0.0.1:1"),
        Destinations = [.. destinations.Select(EndpointAddress.Parse)],
    };
}
