using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Outbound</c>: the local application's requests to peers over mutual TLS.</summary>
public sealed class OutboundOptions
{
    /// <summary>Where the local application sends its requests, http on loopback or a Unix socket. Required; a change needs a restart.</summary>
    public required EndpointAddress Listen { get; init; }

    /// <summary>
    /// What becomes of requests that a browser sends for a page of another site. Default and safe value <see cref="BrowserRequests.Reject"/>.
    /// A change needs a restart.
    /// </summary>
    public BrowserRequests BrowserRequests { get; init; }

    /// <summary>Upstreams by the host name under which the application calls them. Reloaded without a restart.</summary>
    [Reloadable]
    public Dictionary<string, UpstreamOptions> Upstreams { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
