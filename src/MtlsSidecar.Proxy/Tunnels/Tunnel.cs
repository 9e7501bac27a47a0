using System.Collections.Concurrent;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>One configured tunnel: its options of this moment and its connections.</summary>
internal sealed class Tunnel
{
    private readonly ConcurrentDictionary<TunnelConnection, byte> _connections = new(ReferenceEqualityComparer.Instance);
    private volatile TunnelOptions _options;

    /// <param name="name">Its name, in policies and logs.</param>
    /// <param name="options">Its options.</param>
    public Tunnel(string name, TunnelOptions options) => (Name, _options) = (name, options);

    /// <summary>Its name, in policies and logs.</summary>
    public string Name { get; }

    /// <summary>Its options. A connection reads them once, at its beginning, except for the limits that hold for all of its life.</summary>
    public TunnelOptions Options => _options;

    /// <summary>Who opened the mutual TLS connections.</summary>
    public ConnectionDirection Direction => _options.Direction == TunnelDirection.Inbound ? ConnectionDirection.Inbound : ConnectionDirection.Outbound;

    /// <summary>Destinations in the order in which to try them.</summary>
    public DestinationHealth Health { get; } = new();

    /// <summary>The open connections.</summary>
    public IEnumerable<TunnelConnection> Connections => _connections.Select(static pair => pair.Key);

    /// <summary>Takes over new options.</summary>
    public void Update(TunnelOptions options) => _options = options;

    /// <summary>A connection begins.</summary>
    public void Add(TunnelConnection connection) => _connections[connection] = 0;

    /// <summary>A connection has ended.</summary>
    public void Remove(TunnelConnection connection) => _connections.TryRemove(connection, out _);
}
