using System.Net;
using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Inbound</c>: mutual TLS from peers to the local application. A change needs a restart.</summary>
public sealed class InboundOptions
{
    /// <summary>Where peers connect, https. Required.</summary>
    public required EndpointAddress Listen { get; init; }

    /// <summary>The local application, http on loopback or a Unix socket. Required.</summary>
    public required EndpointAddress Application { get; init; }

    /// <summary>What the application speaks. Default <see cref="ApplicationProtocol.Http1"/>.</summary>
    public ApplicationProtocol ApplicationProtocol { get; init; }

    /// <summary>What becomes of <c>X-Forwarded-Client-Cert</c>. Default <see cref="ForwardedClientCertMode.SanitizeSet"/>.</summary>
    public ForwardedClientCertMode ForwardedClientCert { get; init; }

    /// <summary>Whether <c>Client-Cert</c> and <c>Client-Cert-Chain</c> (RFC 9440) are set. Default false; they are always removed first.</summary>
    public bool ClientCertHeader { get; init; }

    /// <summary>What becomes of <c>%2f</c> in a path. Default and safe value <see cref="EscapedSlashes.Reject"/>.</summary>
    public EscapedSlashes EscapedSlashes { get; init; }

    /// <summary>
    /// What becomes of headers that overrule method and path in some applications. Default and safe value <see cref="RewritingHeaders.Remove"/>.
    /// </summary>
    public RewritingHeaders RewritingHeaders { get; init; }

    /// <summary>Time from accept to a validated peer. Default 10 seconds, 0.1 seconds to 5 minutes.</summary>
    [DurationRange("00:00:00.1", "00:05:00")]
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time until the application's response headers. Default 30 seconds, 0.1 seconds to 1 day.</summary>
    [DurationRange("00:00:00.1", "1.00:00:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Time without a byte either way after which an exchange ends; off for WebSocket, gRPC and event streams.
    /// Default 5 minutes, 1 second to 1 day.
    /// </summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Networks of load balancers that begin each connection with a PROXY protocol version 2 header; from there it is required, from anywhere
    /// else it is refused. Default none.
    /// </summary>
    public List<IPNetwork> AcceptProxyProtocolFrom { get; init; } = [];

    /// <summary>Connections at a time. Default 10,000, 1 to 1,000,000.</summary>
    [IntegerRange(1, 1_000_000)]
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Connections of one peer at a time. Default 1,000, 1 to 1,000,000.</summary>
    [IntegerRange(1, 1_000_000)]
    public int MaxConnectionsPerPeer { get; init; } = 1_000;

    /// <summary>HTTP/2 streams of one connection at a time, on those of the local application to <c>Outbound</c> too. Default 100, 1 to 10,000.</summary>
    [IntegerRange(1, 10_000)]
    public int MaxStreamsPerConnection { get; init; } = 100;
}
