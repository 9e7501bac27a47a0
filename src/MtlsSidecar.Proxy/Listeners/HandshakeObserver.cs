using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The outermost stage of an inbound mutual TLS connection: bounds how many there are, and accounts for handshakes that end before a
/// verdict, since the platform's TLS stage swallows their errors.
/// </summary>
internal sealed partial class HandshakeObserver(
    SidecarListener listener,
    InboundOptions options,
    (RefusalRecorder Refusals, SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger Logger) services)
{
    private int _connections;

    /// <summary>Runs the stage.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (Interlocked.Increment(ref _connections) > options.MaxConnections)
        {
            // New connections are shed, never old ones; nothing has been read from this one.
            Interlocked.Decrement(ref _connections);
            Log.ConnectionShed(services.Logger, listener.Name, connection.RemoteEndPoint, options.MaxConnections);
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections");
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }

        var handshake = new PendingHandshake(services.TimeProvider.GetTimestamp());
        connection.Features.Set(handshake);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
            if (!handshake.IsConcluded)
            {
                Conclude(handshake, connection);
            }
        }
    }

    /// <summary>The connection ended inside the TLS handshake: for want of a certificate, for want of time, or for bad bytes.</summary>
    private void Conclude(PendingHandshake handshake, ConnectionContext connection)
    {
        if (handshake.IsWithoutCertificate)
        {
            Refuse(RejectionReason.NoCertificate, "the peer presented no certificate");
        }
        else if (services.TimeProvider.GetElapsedTime(handshake.StartedAt) >= options.HandshakeTimeout)
        {
            Refuse(RejectionReason.DeadlineExceeded, "the TLS handshake was not finished in time");
        }
        else
        {
            Log.HandshakeFailed(services.Logger, listener.Name, connection.RemoteEndPoint);
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "tls");
        }

        void Refuse(RejectionReason reason, string detail)
            => services.Refusals.Record(new PeerRejection(reason, detail), ConnectionDirection.Inbound, listener.Name, connection.RemoteEndPoint?.ToString(), handshake.Presented);
    }

    private static partial class Log
    {
        [LoggerMessage(1102, LogLevel.Information, "TLS handshake on {Listener} with {Remote} failed", EventName = nameof(HandshakeFailed))]
        public static partial void HandshakeFailed(ILogger logger, string listener, System.Net.EndPoint? remote);

        [LoggerMessage(1103, LogLevel.Warning, "Shed a connection on {Listener} from {Remote}: {MaxConnections} are open", EventName = nameof(ConnectionShed))]
        public static partial void ConnectionShed(ILogger logger, string listener, System.Net.EndPoint? remote, int maxConnections);
    }
}
