using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// What has to be done without anybody asking: scheduled CRLs, CRLs for revocations whose process died before it could sign one, the
/// server's own certificate and those of its OCSP responders. A failure is loud and tried again; what is published stays.
/// </summary>
internal sealed partial class Maintenance(
    (IAuthorityStore Store, IssuerDirectory Issuers, KeyRing Keys, CrlPublisher Crls) authority,
    (ServerIdentity Identity, OcspResponder Ocsp) certificates,
    (AuditLog Audit, AuthorityMetrics Metrics) telemetry,
    TimeProvider timeProvider,
    ILogger<Maintenance> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);

    /// <summary>Does all that is due; once before the first listener opens.</summary>
    public async Task RunOnceAsync()
    {
        await certificates.Identity.RenewIfDueAsync();
        foreach (var certificate in await certificates.Ocsp.RenewSignersAsync())
        {
            telemetry.Audit.Issued(certificate, "internal");
        }

        foreach (var issuer in authority.Issuers.Current.All.Where(issuer => issuer.Certificate.NotAfter > timeProvider.GetUtcNow()))
        {
            await PublishIfDueAsync(issuer);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = Interval;
            try
            {
                await RunOnceAsync();
            }
            catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException)
            {
                Log.Failed(logger, exception.Message);
                wait = RetryAfterFailure;
            }

            await Task.Delay(wait, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishIfDueAsync(IssuerRecord issuer)
    {
        var isScheduled = authority.Crls.IsDue(issuer);
        if ((!isScheduled && authority.Store.IsCrlComplete(issuer.Name)) || authority.Keys.TryOpen(issuer) is null)
        {
            // Without its key nothing can be done here; readiness tells when its CRL has ended.
            return;
        }

        try
        {
            var crl = isScheduled ? await authority.Crls.PublishScheduledAsync(issuer) : await authority.Crls.PublishRevocationsAsync(issuer);
            if (crl is not null)
            {
                telemetry.Audit.CrlPublished(crl);
                telemetry.Metrics.CrlSigned(succeeded: true);
            }
        }
        catch (AuthorityException)
        {
            telemetry.Metrics.CrlSigned(succeeded: false);
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8203, LogLevel.Error, "Maintenance failed, and is tried again: {Reason}", EventName = nameof(Failed))]
        public static partial void Failed(ILogger logger, string reason);
    }
}
