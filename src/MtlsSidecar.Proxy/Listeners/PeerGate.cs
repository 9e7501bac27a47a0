using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The one way from a finished inbound handshake to a registered connection, for HTTP and tunnels alike. Fails closed: without a
/// <see cref="LiveConnection"/> from here the connection must be aborted, and the application never sees a byte.
/// </summary>
internal sealed class PeerGate(
    SidecarListener listener,
    Func<InboundLimits> limits,
    HandshakeLedger ledger,
    PeerValidator validator,
    ConnectionRegistry registry,
    (RefusalRecorder Refusals, SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger Logger) services)
{
    /// <summary>Validates the peer under the handshake's deadline and registers its connection.</summary>
    /// <param name="handshake">The finished handshake.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="connect">Makes the connection of a validated peer, with the means to close it.</param>
    /// <param name="closed">Cancelled when the connection is gone.</param>
    /// <returns>The registered connection, which the caller removes from the registry at its end; null: refused, and recorded.</returns>
    public async Task<LiveConnection?> AdmitAsync(
        PendingHandshake handshake, string? remote, Func<ValidatedPeer, LiveConnection> connect, CancellationToken closed)
    {
        if (handshake.Presented is not { } presented)
        {
            return null;
        }

        var (elapsed, timeout) = (services.TimeProvider.GetElapsedTime(handshake.StartedAt), limits().HandshakeTimeout);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(closed);
        deadline.CancelAfter(elapsed < timeout ? timeout - elapsed : TimeSpan.Zero);

        // 1. Judge.
        var generation = validator.Generation;
        var validation = await validator.ValidateAsync(presented, PeerExpectation.AnyClient, deadline.Token);
        handshake.IsConcluded = true;
        if (validation is not PeerValidation.Accepted { Peer: var peer })
        {
            Record(((PeerValidation.Rejected)validation).Rejection);
            return null;
        }

        // 2. Register, before anything can be forwarded.
        var (live, isAdmitted) = (connect(peer), false);
        if (!registry.TryAdd(live, limits().MaxConnectionsPerPeer))
        {
            PeerLimitLog.TooManyConnections(services.Logger, peer.Identity.Name, listener.Name, limits().MaxConnectionsPerPeer);
            services.Metrics.HandshakeFailed(ConnectionDirection.Inbound, "max_connections_per_peer");
            return null;
        }

        try
        {
            // 3. A change between judging and registering was swept before this connection could be found: judge again until nothing changed.
            while (validator.Generation is var latest && latest != generation)
            {
                generation = latest;
                var judgement = registry.BeginJudgement();
                validation = await validator.ValidateAsync(presented, PeerExpectation.AnyClient, deadline.Token);
                if (validation is not PeerValidation.Accepted accepted)
                {
                    Record(((PeerValidation.Rejected)validation).Rejection);
                    return null;
                }

                // The path may be another now, and by its path a connection is found when something of it is revoked.
                registry.Renew(live, accepted.Peer, judgement, services.TimeProvider.GetUtcNow());
            }

            // 4. One of the listener's connections, unless it was dropped meanwhile or there are too many.
            isAdmitted = ledger.TryAdmit(handshake, remote);
        }
        finally
        {
            if (!isAdmitted)
            {
                registry.Remove(live);
            }
        }

        if (!isAdmitted)
        {
            return null;
        }

        // The verdict keeps a chain, one for all connections of this peer; this one would last as long as the connection.
        handshake.Presented = null;
        services.Metrics.HandshakeAccepted(ConnectionDirection.Inbound, services.TimeProvider.GetElapsedTime(handshake.StartedAt));
        return live;

        void Record(PeerRejection rejection)
            => services.Refusals.Record(rejection, ConnectionDirection.Inbound, listener.Name, remote, presented);
    }
}
