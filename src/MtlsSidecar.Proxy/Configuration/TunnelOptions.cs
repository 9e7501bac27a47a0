using System.Net;
using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Tunnels:NAME</c>: opaque TCP over mutual TLS. A new tunnel needs a restart; changes reach connections opened later.</summary>
public sealed class TunnelOptions
{
    /// <summary>Which way the tunnel leads. Required; a change needs a restart.</summary>
    public required TunnelDirection Direction { get; init; }

    /// <summary>Where connections are accepted: tcp; outbound on loopback or a Unix socket. Required; a change needs a restart.</summary>
    public required EndpointAddress Listen { get; init; }

    /// <summary>Where connections lead, tried in order: tcp; inbound on loopback or a Unix socket. At least one.</summary>
    [NotEmpty]
    [Reloadable]
    public required List<EndpointAddress> Destinations { get; init; }

    /// <summary>
    /// Who an outbound tunnel's destination must be; one match suffices. Default (absent): it must match its host name or address.
    /// Not allowed inbound, where <c>Authorization</c> decides.
    /// </summary>
    [NotEmpty]
    [Reloadable]
    public List<IdentityPattern> PeerIdentities { get; init; } = [];

    /// <summary>What an inbound tunnel tells the local application about the peer. Default <see cref="ProxyProtocol.Off"/>.</summary>
    [Reloadable]
    public ProxyProtocol ProxyProtocol { get; init; }

    /// <summary>
    /// Inbound: networks of load balancers that begin each connection with a PROXY protocol version 2 header; from there it is required, from
    /// anywhere else it is refused. Default none.
    /// </summary>
    [Reloadable]
    public List<IPNetwork> AcceptProxyProtocolFrom { get; init; } = [];

    /// <summary>The application protocol named in the TLS handshake (RFC 7301), 1 to 255 printable ASCII characters. Default none.</summary>
    [Reloadable]
    public string? Alpn { get; init; }

    /// <summary>Inbound: time from accept to a validated peer. Default 10 seconds, 0.1 seconds to 5 minutes.</summary>
    [DurationRange("00:00:00.1", "00:05:00")]
    [Reloadable]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time to reach a destination, TLS handshake included. Default 10 seconds, 0.1 seconds to 5 minutes.</summary>
    [DurationRange("00:00:00.1", "00:05:00")]
    [Reloadable]
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time without a byte either way after which a tunnel closes. Default 1 hour, 1 second to 30 days.</summary>
    [DurationRange("00:00:01", "30.00:00:00")]
    [Reloadable]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time after which a tunnel closes in any case. Default zero: never; to 365 days.</summary>
    [DurationRange("00:00:00", "365.00:00:00")]
    [Reloadable]
    public TimeSpan MaxLifetime { get; init; }

    /// <summary>Connections at a time. Default 10,000, 1 to 1,000,000.</summary>
    [IntegerRange(1, 1_000_000)]
    [Reloadable]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Connections of one peer at a time. Default 1,000, 1 to 1,000,000.</summary>
    [IntegerRange(1, 1_000_000)]
    [Reloadable]
    public int MaxConnectionsPerPeer { get; init; } = 1_000;
}
