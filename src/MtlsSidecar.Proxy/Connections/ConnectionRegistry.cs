using System.Collections.Concurrent;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// Every open mutual TLS connection, from before the application can be reached until it is gone. There is no other way to a
/// forwarded byte than through a registered connection.
/// </summary>
internal sealed class ConnectionRegistry
{
    private readonly ConcurrentDictionary<LiveConnection, byte> _connections = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<(bool IsTunnel, string Listener, string Peer), int> _perPeer = [];

    /// <summary>
    /// The open connections, as they are found on the way: every one that was there before and still is, without a copy of all of them.
    /// </summary>
    public IEnumerable<LiveConnection> All => _connections.Select(static pair => pair.Key);

    /// <summary>
    /// Registers a connection, unless its peer has as many on this listener as it may. Fails closed: what isn't registered must not go on.
    /// </summary>
    public bool TryAdd(LiveConnection connection, int maxPerPeer)
    {
        var key = KeyOf(connection);
        lock (_perPeer)
        {
            var count = _perPeer.GetValueOrDefault(key);
            if (count >= maxPerPeer)
            {
                return false;
            }

            _perPeer[key] = count + 1;
        }

        _connections[connection] = 0;
        return true;
    }

    /// <summary>Forgets a connection that is gone.</summary>
    public void Remove(LiveConnection connection)
    {
        if (!_connections.TryRemove(connection, out _))
        {
            return;
        }

        var key = KeyOf(connection);
        lock (_perPeer)
        {
            if (--_perPeer[key] == 0)
            {
                _perPeer.Remove(key);
            }
        }
    }

    /// <summary>How many connections of a direction are open, HTTP and tunnels.</summary>
    public int Count(ConnectionDirection direction) => All.Count(connection => connection.Direction == direction);

    /// <summary>How many HTTP connections of a direction are open.</summary>
    public int CountHttp(ConnectionDirection direction) => All.Count(connection => connection.Direction == direction && !connection.IsTunnel);

    /// <summary>How many tunnel connections are open, of both directions.</summary>
    public int CountTunnels() => All.Count(connection => connection.IsTunnel);

    /// <summary>A tunnel and an upstream may have the same name; they are counted apart.</summary>
    private static (bool IsTunnel, string Listener, string Peer) KeyOf(LiveConnection connection)
        => (connection.IsTunnel, connection.Listener, connection.Peer.Identity.Name);
}
