using System.Collections.Concurrent;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// Every open mutual TLS connection, from before the application can be reached until it is gone. There is no other way to a
/// forwarded byte than through a registered connection. A change finds those that it concerns without looking at the others.
/// </summary>
internal sealed class ConnectionRegistry(RevalidationPolicy policy)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<LiveConnection, byte> _connections = new(ReferenceEqualityComparer.Instance);
    private readonly ConnectionIndex _index = new();
    private readonly Dictionary<(bool IsTunnel, string Listener, string Peer), int> _perPeer = [];
    private long _judgements;

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
        lock (_gate)
        {
            var count = _perPeer.GetValueOrDefault(key);
            if (count >= maxPerPeer)
            {
                return false;
            }

            _perPeer[key] = count + 1;
            _index.Add(connection);
            _connections[connection] = 0;
            return true;
        }
    }

    /// <summary>Forgets a connection that is gone.</summary>
    public void Remove(LiveConnection connection)
    {
        lock (_gate)
        {
            if (!_index.Remove(connection))
            {
                return;
            }

            _connections.TryRemove(connection, out _);
            var key = KeyOf(connection);
            if (--_perPeer[key] == 0)
            {
                _perPeer.Remove(key);
            }
        }
    }

    /// <summary>
    /// To be called before a peer is judged again: orders judgements by when they began. One that began earlier knows less, and must not
    /// overwrite the path that a later one found, or the next change would be looked up under certificates that no longer carry the verdict.
    /// </summary>
    public long BeginJudgement() => Interlocked.Increment(ref _judgements);

    /// <summary>Takes note that the peer was judged again and accepted.</summary>
    public void Renew(LiveConnection connection, ValidatedPeer peer, long judgement, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (connection.TryRenew(peer, judgement, policy.NextReview(connection.Peer.ValidUntil, peer.ValidUntil, now)))
            {
                _index.Update(connection);
            }
        }
    }

    /// <summary>Takes note that the peer stays for now, whatever a verdict would be.</summary>
    public void Postpone(LiveConnection connection, DateTimeOffset now)
    {
        lock (_gate)
        {
            connection.Postpone(now + RevalidationPolicy.Pause);
            _index.Update(connection);
        }
    }

    /// <summary>The connections whose verdict has ended.</summary>
    public IReadOnlyList<LiveConnection> Due(DateTimeOffset now) => Select(index => index.Due(now));

    /// <summary>The connections with that certificate in their path.</summary>
    public IReadOnlyList<LiveConnection> Of(CertificateId certificate) => Select(index => index.Of(certificate));

    /// <summary>The connections with such a certificate in their path.</summary>
    public IReadOnlyList<LiveConnection> WithCertificate(Func<CertificateId, bool> predicate)
    {
        // Asked outside the lock: there may be thousands, and nobody shall wait meanwhile to be admitted.
        var certificates = Select(static index => index.Certificates).Where(predicate).ToList();
        return Select(index => certificates.SelectMany(index.Of));
    }

    /// <summary>The connections to peers of such trust domains; null stands for peers without a SPIFFE ID.</summary>
    public IReadOnlyList<LiveConnection> OfTrustDomain(Func<TrustDomain?, bool> predicate)
        => Select(index => index.TrustDomains.Where(predicate).SelectMany(index.Of));

    /// <summary>How many connections of a direction are open, HTTP and tunnels.</summary>
    public int Count(ConnectionDirection direction) => All.Count(connection => connection.Direction == direction);

    /// <summary>How many HTTP connections of a direction are open.</summary>
    public int CountHttp(ConnectionDirection direction) => All.Count(connection => connection.Direction == direction && !connection.IsTunnel);

    /// <summary>How many tunnel connections are open, of both directions.</summary>
    public int CountTunnels() => All.Count(connection => connection.IsTunnel);

    /// <summary>A tunnel and an upstream may have the same name; they are counted apart.</summary>
    private static (bool IsTunnel, string Listener, string Peer) KeyOf(LiveConnection connection)
        => (connection.IsTunnel, connection.Listener, connection.Peer.Identity.Name);

    private T[] Select<T>(Func<ConnectionIndex, IEnumerable<T>> select)
    {
        lock (_gate)
        {
            return [.. select(_index)];
        }
    }
}
