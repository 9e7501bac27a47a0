using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// One listener. Set as a feature on every connection that it accepts, so that the pipeline is chosen by where a connection came in and by
/// nothing else.
/// </summary>
/// <param name="Role">What it is for.</param>
/// <param name="Name">Its name in logs and policies: <c>Inbound</c>, <c>Outbound</c>, <c>Outbound:users</c>, a tunnel's name …</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Upstream">The one upstream that it leads to, for an upstream's own port.</param>
internal sealed record SidecarListener(ListenerRole Role, string Name, EndpointAddress Address, string? Upstream = null)
{
    /// <summary>The full key of its address.</summary>
    public string Key => Role switch
    {
        ListenerRole.Inbound => "Sidecar:Inbound:Listen",
        ListenerRole.Outbound when Upstream is null => "Sidecar:Outbound:Listen",
        ListenerRole.Outbound => $"Sidecar:Outbound:Upstreams:{Upstream}:Listen",
        ListenerRole.Admin => "Sidecar:Admin:Listen",
        ListenerRole.Probes => "Sidecar:Admin:Probes",
        _ => $"Sidecar:Tunnels:{Name}:Listen",
    };
}
