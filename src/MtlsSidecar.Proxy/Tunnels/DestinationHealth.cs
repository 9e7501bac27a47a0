using System.Collections.Concurrent;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// Which destinations failed a moment ago. Destinations are tried in their configured order, the first being the preferred one; one that just
/// failed is tried last, so that a dead one doesn't cost every connection its time-out.
/// </summary>
internal sealed class DestinationHealth
{
    private static readonly TimeSpan Distrust = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<EndpointAddress, DateTimeOffset> _failedAt = new();

    /// <summary>The destinations, those that failed of late last.</summary>
    public IEnumerable<EndpointAddress> Order(IReadOnlyList<EndpointAddress> destinations, DateTimeOffset now)
        => _failedAt.IsEmpty ? destinations : destinations.OrderBy(destination => IsDistrusted(destination, now));

    /// <summary>A destination could not be reached, or was not who it should be.</summary>
    public void Failed(EndpointAddress destination, DateTimeOffset now) => _failedAt[destination] = now;

    /// <summary>A destination took a connection.</summary>
    public void Succeeded(EndpointAddress destination) => _failedAt.TryRemove(destination, out _);

    private bool IsDistrusted(EndpointAddress destination, DateTimeOffset now)
        => _failedAt.TryGetValue(destination, out var failedAt) && now - failedAt < Distrust;
}
