using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Tests.Forwarding;

/// <summary>Exchanges of no server.</summary>
internal static class Exchanges
{
    public static Exchange Outbound()
        => new(new SidecarListener(ListenerRole.Outbound, "Outbound", EndpointAddress.Parse("http://127.0.0.1:1")), connection: null, startedAt: 0);
}
