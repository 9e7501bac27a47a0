using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Accounts for every connection of one mutual TLS listener, HTTP or tunnel: bounds how many there are, those of known peers and those in a
/// handshake each on their own, and records the handshakes that end before a verdict, since the platform's TLS keeps their errors to itself.
/// </summary>
internal sealed partial class HandshakeLedger(
    SidecarListener listener,
    Func<InboundLimits> limits,
    (RefusalRecorder Refusals, SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger Logger) services)
{
    /// <summary>The server's timer runs in steps of the system's clock and may fire this much before the time is up by ours.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(50);

    private readonly ConnectionQuota _quota = new(listener.Name, services.Logger);
    private readonly HandshakeQuota _handshakes = new();

    /// <summary>
    /// Opens the account of an accepted connection. False when it must be shed: nothing may be read from it. That is so only while there are as
    /// many validated peers as may be; who is still in a handshake makes room.
    /// </summary>
    /// <param name="remote">The other end's address.</param>
    /// <param name="isLoadBalancer">Whether the address is that of a load balancer, which will name its client.</param>
    /// <param name="drop">Breaks the connection.</param>
    /// <param name="handshake">Its account.</param>
    public bool TryBegin(EndPoint? remote, bool isLoadBalancer, Action drop, [NotNullWhen(true)] out PendingHandshake? handshake)
    {
        if (!_quota.HasRoom(limits().MaxConnections, remote?.ToString()))
        {
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections");
            handshake = null;
            return false;
        }

        handshake = new PendingHandshake(services.TimeProvider.GetTimestamp(), drop);
        Drop(_handshakes.Enter(handshake, isLoadBalancer ? null : (remote as IPEndPoint)?.Address, limits().MaxConnections));
        return true;
    }

    /// <summary>A load balancer has named the client of a connection.</summary>
    public void Name(PendingHandshake handshake, EndPoint? client)
    {
        if (client is IPEndPoint { Address: var address })
        {
            Drop(_handshakes.Name(handshake, address, limits().MaxConnections));
        }
    }

    /// <summary>
    /// The peer is known: from now on its connection counts among those of peers and can't be made to give way. False when it had to give way
    /// before, or when there are as many as may be; then it must be aborted.
    /// </summary>
    public bool TryAdmit(PendingHandshake handshake, string? remote)
    {
        if (!_handshakes.TryLeave(handshake))
        {
            return false;
        }

        if (!_quota.TryEnter(limits().MaxConnections, remote))
        {
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections");
            return false;
        }

        handshake.IsAdmitted = true;
        return true;
    }

    /// <summary>Closes the account of a connection that is gone.</summary>
    public void End(PendingHandshake handshake, string? remote)
    {
        if (handshake.IsAdmitted)
        {
            _quota.Leave();
        }
        else
        {
            _handshakes.TryLeave(handshake);
        }

        if (!handshake.IsConcluded)
        {
            Conclude(handshake, remote);
        }
    }

    /// <summary>The PROXY header of a connection was refused, which must then be aborted.</summary>
    public void RefuseProxyHeader(PendingHandshake handshake, string? remote, string detail)
    {
        handshake.IsConcluded = true;
        Log.ProxyHeaderRefused(services.Logger, listener.Name, remote, detail);
        services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "proxy_header");
    }

    /// <summary>Breaks a handshake that had to make room; its own end is recorded here, for it would look like the peer's doing.</summary>
    private void Drop(PendingHandshake? dropped)
    {
        if (dropped is null)
        {
            return;
        }

        dropped.IsConcluded = true;
        Log.HandshakeDropped(services.Logger, listener.Name, dropped.Address?.ToString());
        services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_handshakes");
        dropped.Drop();
    }

    /// <summary>The connection ended inside the TLS handshake: for want of a certificate, for want of time, or for bad bytes.</summary>
    private void Conclude(PendingHandshake handshake, string? remote)
    {
        handshake.IsConcluded = true;
        if (handshake.IsWithoutCertificate)
        {
            Refuse(RejectionReason.NoCertificate, "the peer presented no certificate");
        }
        else if (services.TimeProvider.GetElapsedTime(handshake.StartedAt) >= limits().HandshakeTimeout - TimerSlack)
        {
            Refuse(RejectionReason.DeadlineExceeded, "the TLS handshake was not finished in time");
        }
        else
        {
            Log.HandshakeFailed(services.Logger, listener.Name, remote);
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "tls");
        }

        void Refuse(RejectionReason reason, string detail)
            => services.Refusals.Record(new PeerRejection(reason, detail), ConnectionDirection.Inbound, listener.Name, remote, handshake.Presented);
    }

    private static partial class Log
    {
        [LoggerMessage(
            1106, LogLevel.Warning, "Dropped an unfinished handshake on {Listener} from {Remote}: newer ones need the room", EventName = nameof(HandshakeDropped))]
        public static partial void HandshakeDropped(ILogger logger, string listener, string? remote);

        [LoggerMessage(1102, LogLevel.Information, "TLS handshake on {Listener} with {Remote} failed", EventName = nameof(HandshakeFailed))]
        public static partial void HandshakeFailed(ILogger logger, string listener, string? remote);

        [LoggerMessage(1105, LogLevel.Warning, "Refused the PROXY header on {Listener} from {Remote}: {Detail}", EventName = nameof(ProxyHeaderRefused))]
        public static partial void ProxyHeaderRefused(ILogger logger, string listener, string? remote, string detail);
    }
}
