using System.Collections.Frozen;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>The tunnels. Which there are, and where they listen, is decided at the start; the rest of their options can change.</summary>
internal sealed class TunnelSet(IReadOnlyDictionary<string, TunnelOptions> options)
{
    private readonly FrozenDictionary<string, Tunnel> _tunnels = options.ToFrozenDictionary(
        pair => pair.Key, pair => new Tunnel(pair.Key, pair.Value), StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<Tunnel> All => _tunnels.Values;

    /// <summary>Takes over the options of a reload; the reload's rules make sure that they are of the same tunnels.</summary>
    public void Update(IReadOnlyDictionary<string, TunnelOptions> options)
    {
        foreach (var (name, tunnel) in options)
        {
            _tunnels[name].Update(tunnel);
        }
    }

    /// <summary>
    /// Tells open connections what is expected of their peers after an update. Those are asked that are registered, not those that tunnels
    /// know of already: one that was registered a moment ago has made its own last check, and nobody else would tell it.
    /// </summary>
    public static void RenewExpectations(IEnumerable<LiveConnection> connections)
    {
        foreach (var connection in connections.Where(static connection => connection is { Direction: ConnectionDirection.Outbound, IsTunnel: true }))
        {
            connection.RenewExpectation();
        }
    }
}
