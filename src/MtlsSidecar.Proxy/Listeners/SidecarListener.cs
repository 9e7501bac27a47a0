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
internal sealed record SidecarListener(ListenerRole Role, string Name, EndpointAddress Address, string? Upstream = null);
