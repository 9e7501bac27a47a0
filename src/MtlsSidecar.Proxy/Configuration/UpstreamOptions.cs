using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Outbound:Upstreams:NAME</c>: a service behind one or more peers.</summary>
public sealed class UpstreamOptions
{
    /// <summary>The peers, https. At least one.</summary>
    [NotEmpty]
    public required List<EndpointAddress> Destinations { get; init; }

    /// <summary>Who a destination must be; one match suffices. Default (absent): it must match its host name or address.</summary>
    [NotEmpty]
    public List<IdentityPattern> PeerIdentities { get; init; } = [];

    /// <summary>What is spoken to the destinations. Default <see cref="UpstreamProtocol.Http2"/>.</summary>
    public UpstreamProtocol Protocol { get; init; }

    /// <summary>YARP's policy that picks a destination. Default <c>PowerOfTwoChoices</c>.</summary>
    public string LoadBalancing { get; init; } = "PowerOfTwoChoices";

    /// <summary>A port for this upstream alone, http on loopback or a Unix socket. Default none; a change needs a restart.</summary>
    [Reloadable(false)]
    public EndpointAddress? Listen { get; init; }

    /// <summary>Time until response headers. Default 30 seconds, 0.1 seconds to 1 day.</summary>
    [DurationRange("00:00:00.1", "1.00:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time without a byte either way after which an exchange ends; off for WebSocket, gRPC and event streams.
    /// Default 5 minutes, 1 second to 1 day.
    /// </summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a connection takes new requests; requests in flight finish on it. At this pace a changed DNS answer is followed.
    /// Default 2 minutes, 1 second to 1 day.
    /// </summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan ConnectionLifetime { get; init; } = TimeSpan.FromMinutes(2);
}
