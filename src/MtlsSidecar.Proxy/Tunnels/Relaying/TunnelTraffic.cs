namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>What one connection has carried, and when last. Each direction is written by its own copy loop alone.</summary>
internal sealed class TunnelTraffic(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private long _fromPeer;
    private long _toPeer;
    private long _reportedFromPeer;
    private long _reportedToPeer;
    private long _lastActivity = timeProvider.GetTimestamp();

    /// <summary>Bytes that the peer sent.</summary>
    public long FromPeer => Volatile.Read(ref _fromPeer);

    /// <summary>Bytes sent to the peer.</summary>
    public long ToPeer => Volatile.Read(ref _toPeer);

    /// <summary>Time since the last byte either way, or since the beginning.</summary>
    public TimeSpan IdleFor => timeProvider.GetElapsedTime(Volatile.Read(ref _lastActivity));

    /// <summary>Takes note of bytes that were read and are about to be sent on.</summary>
    public void Carried(bool toPeer, int bytes)
    {
        ref var counter = ref toPeer ? ref _toPeer : ref _fromPeer;
        Volatile.Write(ref counter, counter + bytes);
        Volatile.Write(ref _lastActivity, timeProvider.GetTimestamp());
    }

    /// <summary>What was carried since this was last asked.</summary>
    public (long FromPeer, long ToPeer) TakeUnreported()
    {
        lock (_gate)
        {
            var unreported = (FromPeer - _reportedFromPeer, ToPeer - _reportedToPeer);
            _reportedFromPeer += unreported.Item1;
            _reportedToPeer += unreported.Item2;
            return unreported;
        }
    }
}
