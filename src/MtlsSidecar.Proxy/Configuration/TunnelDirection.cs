namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Which way a tunnel leads.</summary>
public enum TunnelDirection
{
    /// <summary>Plain TCP from the local application, mutual TLS to the peer.</summary>
    Outbound,

    /// <summary>Mutual TLS from the peer, plain TCP to the local application.</summary>
    Inbound,
}
