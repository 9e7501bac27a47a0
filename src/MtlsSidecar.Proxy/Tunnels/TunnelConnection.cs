using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Tunnels.Relaying;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// One accepted connection of a tunnel from accept to end: its sockets, what it has carried, why it ended. It can be cut at any time by
/// whoever has a reason; the first reason counts.
/// </summary>
internal sealed class TunnelConnection : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly long _started;
    private readonly Socket _accepted;
    private Socket? _dialled;
    private TunnelEndReason? _endReason;

    /// <param name="accepted">The socket that was accepted.</param>
    /// <param name="remote">Who is at its other end.</param>
    /// <param name="timeProvider">The clock.</param>
    public TunnelConnection(Socket accepted, EndPoint? remote, TimeProvider timeProvider)
    {
        (_accepted, Remote, _timeProvider) = (accepted, remote, timeProvider);
        _started = timeProvider.GetTimestamp();
        Traffic = new TunnelTraffic(timeProvider);
    }

    /// <summary>Who connected: the address on the wire, or the one that a load balancer gave.</summary>
    public EndPoint? Remote { get; set; }

    /// <summary>The registered connection to the peer, once there is one.</summary>
    public LiveConnection? Live { get; set; }

    /// <summary>Where the tunnel led, once it did.</summary>
    public EndpointAddress? Destination { get; set; }

    /// <summary>What was carried.</summary>
    public TunnelTraffic Traffic { get; }

    /// <summary>Time since it was accepted.</summary>
    public TimeSpan Age => _timeProvider.GetElapsedTime(_started);

    /// <summary>Why it ended before its time; null while it goes on or when both sides ended it.</summary>
    public TunnelEndReason? EndReason
    {
        get
        {
            lock (_gate)
            {
                return _endReason;
            }
        }
    }

    /// <summary>Takes over the socket that leads on.</summary>
    /// <exception cref="OperationCanceledException">The connection was cut meanwhile; the socket is closed.</exception>
    public void Join(Socket dialled)
    {
        lock (_gate)
        {
            if (_endReason is null)
            {
                _dialled = dialled;
                return;
            }
        }

        SocketSettings.Close(dialled, abortive: true);
        throw new OperationCanceledException();
    }

    /// <summary>Breaks both sides at once: each other end sees a reset, so that half an answer can't pass for a whole one.</summary>
    public void Cut(TunnelEndReason reason)
    {
        Socket? dialled;
        lock (_gate)
        {
            if (_endReason is not null)
            {
                return;
            }

            _endReason = reason;
            dialled = _dialled;
        }

        SocketSettings.Close(_accepted, abortive: true);
        if (dialled is not null)
        {
            SocketSettings.Close(dialled, abortive: true);
        }
    }

    /// <summary>Whether the end that connected, or the one that was dialled, has left what was sent to it unanswered for so long.</summary>
    public (bool IsAccepted, bool IsDialled) FindSilentEnd(TimeSpan atLeast)
    {
        Socket? dialled;
        lock (_gate)
        {
            dialled = _dialled;
        }

        return (TcpSigns.IsSilent(_accepted, atLeast), dialled is not null && TcpSigns.IsSilent(dialled, atLeast));
    }

    /// <summary>Takes note why the connection ends, without breaking anything.</summary>
    public void Conclude(TunnelEndReason reason)
    {
        lock (_gate)
        {
            _endReason ??= reason;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _accepted.Dispose();
        _dialled?.Dispose();
    }
}
