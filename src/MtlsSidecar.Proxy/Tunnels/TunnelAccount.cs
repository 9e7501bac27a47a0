using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Tells the operator how a tunnel's connections end: one log line and one count each.</summary>
internal sealed partial class TunnelAccount(SidecarMetrics metrics, DrainState drain, ILogger<TunnelAccount> logger)
{
    /// <summary>A peer was accepted: a drain waits for what comes of its handshake.</summary>
    public void BeginHandshake() => drain.EnterHandshake();

    /// <summary>It is gone.</summary>
    public void EndHandshake() => drain.LeaveHandshake();

    /// <summary>A connection has a peer: a drain waits for it, and cuts it at last.</summary>
    public void Begin(Tunnel tunnel, TunnelConnection connection)
    {
        drain.Enter();
        tunnel.Add(connection);
    }

    /// <summary>It is over.</summary>
    public void End(Tunnel tunnel, TunnelConnection connection)
    {
        tunnel.Remove(connection);
        ReportBytes(tunnel, connection);
        var reason = connection.EndReason ?? TunnelEndReason.Closed;
        metrics.TunnelClosed(tunnel.Direction, tunnel.Name, reason);
        Log.TunnelClosed(
            logger,
            tunnel.Name,
            connection.Live?.Peer.Identity.Name,
            connection.Remote?.ToString(),
            connection.Destination?.ToString(),
            connection.Traffic.FromPeer,
            connection.Traffic.ToPeer,
            connection.Age.TotalMilliseconds,
            reason);
        drain.Leave();
    }

    /// <summary>A local application's connection was shed: there are as many as may be.</summary>
    public void Shed(Tunnel tunnel) => metrics.HandshakeFailed(tunnel.Direction, "max_connections");

    /// <summary>No way on was found for a connection.</summary>
    public void Failed(Tunnel tunnel, TunnelConnection connection, string detail)
        => Log.TunnelFailed(logger, tunnel.Name, connection.Live?.Peer.Identity.Name, connection.Remote?.ToString(), detail);

    /// <summary>A destination didn't take a connection; another may.</summary>
    public void DestinationFailed(Tunnel tunnel, string destination, string detail) => Log.DestinationFailed(logger, tunnel.Name, destination, detail);

    /// <summary>A peer was reached and accepted, but has as many connections of this tunnel as it may.</summary>
    public void TooManyConnections(Tunnel tunnel, PeerLimitException limit) => PeerLimitLog.TooManyConnections(logger, limit.Peer, tunnel.Name, limit.MaxConnections);

    /// <summary>A defect of ours ended a connection.</summary>
    public void Defect(Tunnel tunnel, Exception exception) => Log.TunnelDefect(logger, exception, tunnel.Name);

    /// <summary>Counts what was carried since the last time.</summary>
    public void ReportBytes(Tunnel tunnel, TunnelConnection connection)
    {
        var (fromPeer, toPeer) = connection.Traffic.TakeUnreported();
        if (fromPeer > 0)
        {
            metrics.TunnelCarried(tunnel.Direction, toPeer: false, fromPeer);
        }

        if (toPeer > 0)
        {
            metrics.TunnelCarried(tunnel.Direction, toPeer: true, toPeer);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            5101,
            LogLevel.Information,
            "Tunnel {Listener} of {Peer} from {Remote} to {Destination}: {BytesFromPeer} bytes from the peer, {BytesToPeer} to it in {DurationMs} ms, ended: {Reason}",
            EventName = nameof(TunnelClosed))]
        public static partial void TunnelClosed(
            ILogger logger, string listener, string? peer, string? remote, string? destination, long bytesFromPeer, long bytesToPeer, double durationMs, TunnelEndReason reason);

        [LoggerMessage(5102, LogLevel.Warning, "Tunnel {Listener} of {Peer} from {Remote} leads nowhere: {Detail}", EventName = nameof(TunnelFailed))]
        public static partial void TunnelFailed(ILogger logger, string listener, string? peer, string? remote, string detail);

        [LoggerMessage(5103, LogLevel.Warning, "Tunnel {Listener}: {Destination} failed: {Detail}", EventName = nameof(DestinationFailed))]
        public static partial void DestinationFailed(ILogger logger, string listener, string destination, string detail);

        [LoggerMessage(5104, LogLevel.Error, "A defect ended a connection of tunnel {Listener}", EventName = nameof(TunnelDefect))]
        public static partial void TunnelDefect(ILogger logger, Exception exception, string listener);
    }
}
