using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>Who is being dialled, for whom, and what is expected of it.</summary>
/// <param name="Owner">The upstream or tunnel, by name.</param>
/// <param name="Remote">The destination, as logs and the registry show it.</param>
/// <param name="Expectation">Who must answer, as the configuration of this moment says: a reload may come while the peer is being judged.</param>
internal sealed record DialledPeer(string Owner, string Remote, Func<PeerExpectation> Expectation)
{
    /// <summary>Whether it is dialled for a tunnel.</summary>
    public bool IsTunnel { get; init; }

    /// <summary>Connections to one peer at a time. Default unlimited: an upstream's pool bounds its own.</summary>
    public int MaxConnections { get; init; } = int.MaxValue;
}
