namespace MtlsSidecar.Proxy.Connections;

/// <summary>Who opened a mutual TLS connection.</summary>
public enum ConnectionDirection
{
    /// <summary>A peer connected to this sidecar.</summary>
    Inbound,

    /// <summary>This sidecar connected to a peer.</summary>
    Outbound,
}
