using System.Net;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Bounds the connections whose peer is not known yet. Anybody can open those and be silent, so they never take the place of a validated peer,
/// and a full quota doesn't shut out who comes next: the oldest handshake is dropped, which is the likeliest to lead nowhere. Once half of the
/// quota is taken, one address can't drop the handshakes of others any more: who has its share loses its own oldest.
/// </summary>
internal sealed class HandshakeQuota
{
    // So that a listener for few peers isn't blocked by as few strangers.
    private const int Minimum = 64;
    private const int SharesPerQuota = 8;
    private const int BytesOfANetwork = 8;

    private readonly Lock _gate = new();
    private readonly LinkedList<PendingHandshake> _oldestFirst = new();
    private readonly Dictionary<IPAddress, LinkedList<PendingHandshake>> _perAddress = [];

    /// <summary>How many handshakes are in flight.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _oldestFirst.Count;
            }
        }
    }

    /// <summary>Counts a handshake in. It is always let in.</summary>
    /// <param name="handshake">The newcomer.</param>
    /// <param name="remote">Its address; null, as of a load balancer before it has named its client, has no share of its own.</param>
    /// <param name="maxConnections">How many validated peers the listener may have: as many may be on the way there.</param>
    /// <returns>A handshake that had to make room, which the caller must break; null when there was room.</returns>
    public PendingHandshake? Enter(PendingHandshake handshake, IPAddress? remote, int maxConnections)
    {
        var max = Math.Max(maxConnections, Minimum);
        lock (_gate)
        {
            var dropped = MakeRoom(remote is null ? null : KeyOf(remote), max);
            handshake.InOrder = _oldestFirst.AddLast(handshake);
            Attribute(handshake, remote);
            return dropped;
        }
    }

    /// <summary>A load balancer has named the client of a handshake that is in flight: it counts as that address's from now.</summary>
    /// <returns>A handshake of the same address that had to make room, which the caller must break; null when its share held.</returns>
    public PendingHandshake? Name(PendingHandshake handshake, IPAddress remote, int maxConnections)
    {
        var max = Math.Max(maxConnections, Minimum);
        lock (_gate)
        {
            if (handshake.InOrder is null)
            {
                return null;
            }

            var dropped = OldestBeyondItsShare(KeyOf(remote), max);
            Attribute(handshake, remote);
            return dropped;
        }
    }

    /// <summary>Counts a handshake out: its peer is known, or it is over. False when it had been dropped, and must not go on.</summary>
    public bool TryLeave(PendingHandshake handshake)
    {
        lock (_gate)
        {
            return TryTakeOut(handshake);
        }
    }

    private PendingHandshake? MakeRoom(IPAddress? address, int max)
    {
        if (OldestBeyondItsShare(address, max) is { } own)
        {
            return own;
        }

        if (_oldestFirst.Count < max)
        {
            return null;
        }

        var oldest = _oldestFirst.First!.Value;
        TryTakeOut(oldest);
        return oldest;
    }

    private PendingHandshake? OldestBeyondItsShare(IPAddress? address, int max)
    {
        if (address is null || _oldestFirst.Count < max / 2 || !_perAddress.TryGetValue(address, out var own) || own.Count < max / SharesPerQuota)
        {
            return null;
        }

        var oldest = own.First!.Value;
        TryTakeOut(oldest);
        return oldest;
    }

    private void Attribute(PendingHandshake handshake, IPAddress? remote)
    {
        if (remote is null)
        {
            return;
        }

        var key = KeyOf(remote);
        if (!_perAddress.TryGetValue(key, out var own))
        {
            _perAddress[key] = own = new LinkedList<PendingHandshake>();
        }

        (handshake.Address, handshake.OfItsAddress) = (key, own.AddLast(handshake));
    }

    private bool TryTakeOut(PendingHandshake handshake)
    {
        if (handshake.InOrder is not { } inOrder)
        {
            return false;
        }

        _oldestFirst.Remove(inOrder);
        handshake.InOrder = null;
        if (handshake is { Address: { } address, OfItsAddress: { List: { } own } ofItsAddress })
        {
            own.Remove(ofItsAddress);
            if (own.Count == 0)
            {
                _perAddress.Remove(address);
            }
        }

        return true;
    }

    /// <summary>An IPv4 address, or the /64 network of an IPv6 one, which is what one host is given to choose from (RFC 7421).</summary>
    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        var bytes = address.GetAddressBytes();
        if (bytes.Length > BytesOfANetwork)
        {
            bytes.AsSpan(BytesOfANetwork).Clear();
        }

        return new IPAddress(bytes);
    }
}
