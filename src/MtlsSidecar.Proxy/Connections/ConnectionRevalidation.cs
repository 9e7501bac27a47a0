using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>
/// Judges open connections again when something that admitted them has changed or ended, and closes those whose peer is no longer
/// acceptable. Neighbours stay. A CRL that merely grew stale says nothing new of a peer and cuts nobody, unless the operator chose so.
/// </summary>
internal sealed partial class ConnectionRevalidation(
    ConnectionRegistry registry,
    PeerValidator validator,
    AuthorizationState authorization,
    RevalidationPolicy policy,
    (SidecarMetrics Metrics, TimeProvider TimeProvider, ILogger<ConnectionRevalidation> Logger) services) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AbortAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly ParallelOptions Parallelism = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };
    private readonly ConcurrentQueue<ReviewRound> _rounds = new();
    private readonly SemaphoreSlim _wake = new(0);

    /// <summary>Asks for a round over the connections that a change concerns.</summary>
    /// <param name="concerned">Which they are, asked when the round begins.</param>
    /// <param name="urgent">Others of which little work already shows that they will be closed; they come first. Default: none.</param>
    public void Review(
        Func<ConnectionRegistry, IEnumerable<LiveConnection>> concerned, Func<ConnectionRegistry, IEnumerable<LiveConnection>>? urgent = null)
    {
        _rounds.Enqueue(new ReviewRound(concerned, urgent ?? (static _ => [])));
        _wake.Release();
    }

    /// <summary>
    /// Asks for a round over the connections that a change of CRLs concerns: those with a certificate that a new one lists. The others can
    /// only have become unknown, which cuts them where the operator chose so.
    /// </summary>
    public void Review(CrlChange change)
        => Review(
            connections => policy.StaleCutsConnections || change.HasDelta
                ? connections.All.Where(connection => change.Concerns(connection.Peer.Path))
                : [],
            connections => connections.WithCertificate(change.Lists));

    /// <summary>Asks for a round over all connections.</summary>
    public void ReviewAll() => Review(static connections => connections.All);

    /// <inheritdoc/>
    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // A change wakes us; the end of what a verdict rests on has no event but the clock.
            await _wake.WaitAsync(Interval, stoppingToken);
            var now = services.TimeProvider.GetUtcNow();
            var concerned = new HashSet<LiveConnection>(registry.Due(now), ReferenceEqualityComparer.Instance);
            var urgent = new HashSet<LiveConnection>(ReferenceEqualityComparer.Instance);
            while (_rounds.TryDequeue(out var round))
            {
                concerned.UnionWith(round.Concerned(registry));
                urgent.UnionWith(round.Urgent(registry));
            }

            // A path search each, half a millisecond and more: thousands of peers must neither wait for one processor, nor one that is revoked
            // for all those that are not.
            concerned.ExceptWith(urgent);
            var ordered = Partitioner.Create(urgent.Concat(concerned), EnumerablePartitionerOptions.NoBuffering);
            Parallel.ForEach(ordered, Parallelism, connection =>
            {
                // Not awaited: a validator that waits for a server must not hold up the verdict on the next connection.
                _ = TryReviewAsync(connection, now, stoppingToken);
            });
        }
    }

    /// <summary>Fails closed and goes on: a defect that shows at one connection must neither keep it open nor end the watch over the others.</summary>
    private async Task TryReviewAsync(LiveConnection connection, DateTimeOffset now, CancellationToken stoppingToken)
    {
        try
        {
            await ReviewAsync(connection, now, stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
        {
            Log.ReviewFailed(services.Logger, exception, connection.Listener, connection.Peer.Identity.Name);
            connection.Abort();
        }
    }

    private async Task ReviewAsync(LiveConnection connection, DateTimeOffset now, CancellationToken stoppingToken)
    {
        if (connection.IsClosing)
        {
            return;
        }

        // So that the clock starts no second review of this connection while this one waits; its outcome says when the next is due.
        registry.Postpone(connection, now);

        // What needs nobody's answer comes first: a validator whose server hangs must not be the respite of a peer that the configuration no
        // longer names. A change while the validator is waited for asks for a round of its own.
        if (!connection.Expectation.IsMetBy(connection.Peer.Identity))
        {
            Close(connection, nameof(RejectionReason.IdentityMismatch));
            return;
        }

        AbortDenied(connection);
        var judgement = registry.BeginJudgement();
        using var deadline = new CancellationTokenSource(Deadline, services.TimeProvider);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stoppingToken);
        switch (await validator.ValidateAsync(connection.Peer.Presented, connection.Expectation, end.Token))
        {
            case PeerValidation.Accepted accepted:
                // By the clock of now: a verdict that holds for no time at all ends when it was asked for, which is later than the round's begin.
                registry.Renew(connection, accepted.Peer, judgement, services.TimeProvider.GetUtcNow());
                break;
            case PeerValidation.Rejected { Rejection: var rejection } when policy.KeepsOpen(rejection):
                registry.Postpone(connection, now);
                break;
            case PeerValidation.Rejected { Rejection: var rejection }:
                Close(connection, rejection.Reason.ToString());
                break;
        }
    }

    private void AbortDenied(LiveConnection connection)
    {
        if (connection.Requests.AbortDenied(authorization) is > 0 and var denied)
        {
            Log.RequestsDenied(services.Logger, denied, connection.Listener, connection.Peer.Identity.Name);
        }
    }

    /// <summary>From now nothing new is forwarded; the peer is asked to finish, and cut a second later.</summary>
    private void Close(LiveConnection connection, string reason)
    {
        if (!connection.TryBeginClosing())
        {
            return;
        }

        services.Metrics.ConnectionClosed(connection.Direction, reason);
        Log.Closing(
            services.Logger, connection.Direction, connection.Listener, connection.Peer.Identity.Name, connection.Peer.Path.Leaf.SerialNumberText, reason);
        connection.RequestClose();
        _ = AbortLaterAsync(connection);
    }

    private async Task AbortLaterAsync(LiveConnection connection)
    {
        await Task.Delay(AbortAfter, services.TimeProvider);
        connection.Abort();
    }

    private static partial class Log
    {
        [LoggerMessage(
            2201, LogLevel.Warning, "Closing {Direction} connection on {Listener} of {Peer}, serial {Serial}: {Reason}", EventName = nameof(Closing))]
        public static partial void Closing(ILogger logger, ConnectionDirection direction, string listener, string peer, string serial, string reason);

        [LoggerMessage(
            2202, LogLevel.Warning, "Broke off {Denied} requests on {Listener} of {Peer}, which the policies no longer allow", EventName = nameof(RequestsDenied))]
        public static partial void RequestsDenied(ILogger logger, int denied, string listener, string peer);

        [LoggerMessage(2203, LogLevel.Error, "Reviewing a connection on {Listener} of {Peer} failed; it is cut", EventName = nameof(ReviewFailed))]
        public static partial void ReviewFailed(ILogger logger, Exception exception, string listener, string peer);
    }
}
