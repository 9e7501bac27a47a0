using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>What bounds the connections of a mutual TLS listener.</summary>
/// <param name="HandshakeTimeout">Time from accept to a validated peer.</param>
/// <param name="MaxConnections">Connections at a time.</param>
/// <param name="MaxConnectionsPerPeer">Connections of one peer at a time.</param>
internal sealed record InboundLimits(TimeSpan HandshakeTimeout, int MaxConnections, int MaxConnectionsPerPeer)
{
    /// <summary>The limits of the HTTP listener.</summary>
    public static InboundLimits Of(InboundOptions options) => new(options.HandshakeTimeout, options.MaxConnections, options.MaxConnectionsPerPeer);

    /// <summary>The limits of an inbound tunnel.</summary>
    public static InboundLimits Of(TunnelOptions options) => new(options.HandshakeTimeout, options.MaxConnections, options.MaxConnectionsPerPeer);
}
