using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The stage right after the TLS handshake: validates the peer under the handshake's deadline and registers the connection. Fails closed:
/// whatever goes wrong here, the connection is aborted and the next stage, and with it the application, never sees a byte.
/// </summary>
internal sealed partial class PeerAdmission(
    SidecarListener listener,
    InboundOptions options,
    PeerValidator validator,
    ConnectionRegistry registry,
    (RefusalRecorder Refusals, SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger Logger) services)
{
    /// <summary>Runs the stage.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var handshake = connection.Features.Get<PendingHandshake>();
        if (handshake?.Presented is not { } presented)
        {
            connection.Abort(new ConnectionAbortedException("no certificate was captured"));
            return;
        }

        var live = await AdmitAsync(connection, handshake, presented);
        if (live is null)
        {
            connection.Abort(new ConnectionAbortedException("the peer was refused"));
            return;
        }

        connection.Features.Set(live);
        try
        {
            await next(connection);
        }
        finally
        {
            registry.Remove(live);
        }
    }

    private async Task<LiveConnection?> AdmitAsync(ConnectionContext connection, PendingHandshake handshake, PresentedChain presented)
    {
        var elapsed = services.TimeProvider.GetElapsedTime(handshake.StartedAt);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        deadline.CancelAfter(elapsed < options.HandshakeTimeout ? options.HandshakeTimeout - elapsed : TimeSpan.Zero);

        // 1. Judge.
        var expectation = PeerExpectation.AnyClient;
        var generation = validator.Generation;
        var validation = await validator.ValidateAsync(presented, expectation, deadline.Token);
        handshake.IsConcluded = true;
        if (validation is not PeerValidation.Accepted { Peer: var peer })
        {
            services.Refusals.Record(((PeerValidation.Rejected)validation).Rejection, ConnectionDirection.Inbound, listener.Name, connection.RemoteEndPoint?.ToString(), presented);
            return null;
        }

        // 2. Register, before anything can be forwarded.
        var live = new LiveConnection(
            ConnectionDirection.Inbound, listener.Name, connection.RemoteEndPoint?.ToString(), (peer, expectation), (() => RequestClose(connection), () => connection.Abort()))
        {
            OpenedAt = services.TimeProvider.GetUtcNow(),
            IsMultiplexed = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) ?? false,
        };
        if (!registry.TryAdd(live, options.MaxConnectionsPerPeer))
        {
            Log.TooManyConnections(services.Logger, listener.Name, peer.Identity.Name, options.MaxConnectionsPerPeer);
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections_per_peer");
            return null;
        }

        // 3. A change between judging and registering was swept before this connection could be found: judge again until nothing changed.
        while (validator.Generation is var latest && latest != generation)
        {
            generation = latest;
            if (await validator.ValidateAsync(presented, expectation, deadline.Token) is PeerValidation.Rejected { Rejection: var rejection })
            {
                registry.Remove(live);
                services.Refusals.Record(rejection, ConnectionDirection.Inbound, listener.Name, connection.RemoteEndPoint?.ToString(), presented);
                return null;
            }
        }

        services.Metrics.HandshakeAccepted(ConnectionDirection.Inbound, services.TimeProvider.GetElapsedTime(handshake.StartedAt));
        return live;
    }

    /// <summary>Kestrel sends GOAWAY on HTTP/2 and <c>Connection: close</c> with the answer in flight on HTTP/1.1.</summary>
    private static void RequestClose(ConnectionContext connection)
        => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    private static partial class Log
    {
        [LoggerMessage(
            1104, LogLevel.Warning, "Refused a connection of {Peer} on {Listener}: it has {MaxConnectionsPerPeer} open", EventName = nameof(TooManyConnections))]
        public static partial void TooManyConnections(ILogger logger, string listener, string peer, int maxConnectionsPerPeer);
    }
}
