using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Accounts for every connection of one mutual TLS listener, HTTP or tunnel: bounds how many there are, and records the handshakes that end
/// before a verdict, since the platform's TLS keeps their errors to itself.
/// </summary>
internal sealed partial class HandshakeLedger(
    SidecarListener listener,
    Func<InboundLimits> limits,
    (RefusalRecorder Refusals, SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger Logger) services)
{
    /// <summary>The server's timer runs in steps of the system's clock and may fire this much before the time is up by ours.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(50);

    private readonly ConnectionQuota _quota = new(listener.Name, services.Logger);

    /// <summary>Opens the account of an accepted connection. False when it must be shed: nothing may be read from it.</summary>
    public bool TryBegin(string? remote, [NotNullWhen(true)] out PendingHandshake? handshake)
    {
        if (!_quota.TryEnter(limits().MaxConnections, remote))
        {
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections");
            handshake = null;
            return false;
        }

        handshake = new PendingHandshake(services.TimeProvider.GetTimestamp());
        return true;
    }

    /// <summary>Closes the account of a connection that is gone.</summary>
    public void End(PendingHandshake handshake, string? remote)
    {
        _quota.Leave();
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
        [LoggerMessage(1102, LogLevel.Information, "TLS handshake on {Listener} with {Remote} failed", EventName = nameof(HandshakeFailed))]
        public static partial void HandshakeFailed(ILogger logger, string listener, string? remote);

        [LoggerMessage(1105, LogLevel.Warning, "Refused the PROXY header on {Listener} from {Remote}: {Detail}", EventName = nameof(ProxyHeaderRefused))]
        public static partial void ProxyHeaderRefused(ILogger logger, string listener, string? remote, string detail);
    }
}
