namespace MtlsSidecar.Proxy.Outbound;

/// <summary>The peer was accepted, but has as many connections as it may.</summary>
internal sealed class PeerLimitException(string peer, int maxConnections) : IOException($"{peer} has {maxConnections} connections open")
{
    /// <summary>The peer's identity.</summary>
    public string Peer { get; } = peer;

    /// <summary>How many it may have.</summary>
    public int MaxConnections { get; } = maxConnections;
}
