using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Proxy.Enrolment;

/// <summary>
/// Enrols, renews and polls the authorities when it is time. The sidecar starts without waiting for it: until there is a certificate it is
/// alive and not ready, and refuses everything.
/// </summary>
internal sealed partial class EnrolmentSchedule(
    EstEnrolment enrolment,
    EstSvidSource svid,
    (Reload Reload, EnrolmentReload Certificate, IssuersReload Issuers) reloading,
    TimeProvider timeProvider,
    ILogger<EnrolmentSchedule> logger) : BackgroundService
{
    private const double Jitter = 0.2;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan IssuersInterval = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var issuersDue = NextPoll();
        if (svid.Current is not null)
        {
            // After a restart: an identity is there already, and the authorities are not known yet.
            issuersDue = timeProvider.GetUtcNow();
        }

        using var timer = new PeriodicTimer(Look, timeProvider);
        do
        {
            var now = timeProvider.GetUtcNow();
            if (enrolment.IsDue(now))
            {
                await RenewAsync(stoppingToken);
            }

            if (issuersDue <= now)
            {
                await reloading.Reload.RunAsync(reloading.Issuers, stoppingToken);
                issuersDue = NextPoll();
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task RenewAsync(CancellationToken stoppingToken)
    {
        var errors = await reloading.Reload.RunAsync(reloading.Certificate, stoppingToken);
        if (errors.Count == 0 && svid.Current is { } current)
        {
            Log.Enrolled(logger, current.SpiffeId?.ToString(), current.Certificate.SerialNumberText, current.Certificate.NotAfter, enrolment.NextAttempt);
        }
    }

    private DateTimeOffset NextPoll() => timeProvider.GetUtcNow() + (IssuersInterval * (1 - Jitter + (2 * Jitter * Random.Shared.NextDouble())));

    private static partial class Log
    {
        [LoggerMessage(
            9301, LogLevel.Information, "Own certificate of {SpiffeId}, serial {Serial}, is valid until {NotAfter}; to be renewed at {RenewAt}", EventName = nameof(Enrolled))]
        public static partial void Enrolled(ILogger logger, string? spiffeId, string serial, DateTimeOffset notAfter, DateTimeOffset renewAt);
    }
}
