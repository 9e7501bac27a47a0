using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// Judges open connections again when something that admitted them has changed, and closes those whose peer is no longer acceptable.
/// Neighbours stay. Fails closed: a peer whose verdict can't be had any more is closed too, save for a CRL that merely grew stale.
/// </summary>
internal sealed partial class ConnectionRevalidation(
    ConnectionRegistry registry, PeerValidator validator, ActiveRequestReview review, SidecarMetrics metrics, TimeProvider timeProvider, ILogger<ConnectionRevalidation> logger)
    : BackgroundService
{
    private static readonly TimeSpan ExpiryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AbortAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>Asks for a round over all connections, because trust, revocation, an expectation or a policy changed.</summary>
    public void Wake() => _wake.Release();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var judgedAt = validator.Generation;
        while (!stoppingToken.IsCancellationRequested)
        {
            // Whoever forgets to wake us is found out within a second by the generation; expiry has no event but the clock.
            var isWoken = await _wake.WaitAsync(ExpiryInterval, stoppingToken);
            var generation = validator.Generation;
            var isFullRound = isWoken || generation != judgedAt;
            judgedAt = generation;
            var now = timeProvider.GetUtcNow();
            foreach (var connection in registry.All)
            {
                if (isFullRound || connection.Peer.Path.NotAfter <= now)
                {
                    await ReviewAsync(connection, stoppingToken);
                }
            }
        }
    }

    private async Task ReviewAsync(LiveConnection connection, CancellationToken stoppingToken)
    {
        if (connection.IsClosing)
        {
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        deadline.CancelAfter(Deadline);
        switch (await validator.ValidateAsync(connection.Peer.Presented, connection.Expectation, deadline.Token))
        {
            case PeerValidation.Accepted accepted when review.AllStillAllowed(connection):
                connection.Renew(accepted.Peer);
                break;
            case PeerValidation.Accepted:
                Close(connection, "denied");
                break;
            case PeerValidation.Rejected { Rejection: var rejection } when !KeepsOpen(rejection):
                Close(connection, rejection.Reason.ToString());
                break;
        }
    }

    /// <summary>A CRL that merely passed its nextUpdate, or a validator that is away, refuses new handshakes but says nothing new of this peer.</summary>
    private static bool KeepsOpen(PeerRejection rejection)
        => rejection.Reason is RejectionReason.RevocationUnknown or RejectionReason.ValidatorUnavailable or RejectionReason.DeadlineExceeded;

    /// <summary>From now nothing new is forwarded; the peer is asked to finish, and cut a second later.</summary>
    private void Close(LiveConnection connection, string reason)
    {
        if (!connection.TryBeginClosing())
        {
            return;
        }

        metrics.ConnectionClosed(connection.Direction, reason);
        Log.Closing(logger, connection.Direction, connection.Listener, connection.Peer.Identity.Name, connection.Peer.Path.Leaf.SerialNumberText, reason);
        connection.RequestClose();
        _ = AbortLaterAsync(connection);
    }

    private async Task AbortLaterAsync(LiveConnection connection)
    {
        await Task.Delay(AbortAfter, timeProvider);
        connection.Abort();
    }

    private static partial class Log
    {
        [LoggerMessage(
            2201, LogLevel.Warning, "Closing {Direction} connection on {Listener} of {Peer}, serial {Serial}: {Reason}", EventName = nameof(Closing))]
        public static partial void Closing(ILogger logger, ConnectionDirection direction, string listener, string peer, string serial, string reason);
    }
}
