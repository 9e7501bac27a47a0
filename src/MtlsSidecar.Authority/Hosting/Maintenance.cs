using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>
/// What has to be done without anybody asking: scheduled CRLs, CRLs for revocations whose process died before it could sign one, the
/// server's own certificate and those of its OCSP responders, OCSP answers whose time is half over. A failure is loud and tried again; what is published stays.
/// </summary>
internal sealed partial class Maintenance(
    (IAuthorityStore Store, IssuerDirectory Issuers, KeyRing Keys, CrlPublisher Crls) authority,
    (ServerIdentity Identity, OcspSigners Signers, OcspResponder Ocsp) certificates,
    (AuditLog Audit, AuthorityMetrics Metrics) telemetry,
    TimeProvider timeProvider,
    ILogger<Maintenance> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfterFailure = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Does all that is due and publishes every CRL anew, before the first listener opens. What fails is tried again later and keeps no
    /// listener closed: with the issuing authority revoked or the clock wrong, CRLs are needed more than ever.
    /// </summary>
    public async Task RunAtStartAsync()
    {
        await RenewCertificatesAsync();
        foreach (var issuer in await UnexpiredIssuersAsync())
        {
            await TryAsync(() => PublishAnewAsync(issuer));
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var wentWell = await RunOnceAsync();
            await Task.Delay(wentWell ? Interval : RetryAfterFailure, timeProvider, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One failure doesn't keep the rest from being done: an issuer that can't issue any more has its revocations published all the same.</summary>
    private async Task<bool> RunOnceAsync()
    {
        var wentWell = await RenewCertificatesAsync();
        wentWell &= await TryAsync(RefreshAnswersAsync);
        foreach (var issuer in await UnexpiredIssuersAsync())
        {
            wentWell &= await TryAsync(() => PublishIfDueAsync(issuer));
        }

        return wentWell;
    }

    private async Task<bool> TryAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException)
        {
            Log.Failed(logger, exception.Message);
        }
        catch (Exception exception)
        {
            // A defect of ours must not end the daily CRL.
            Log.Defect(logger, exception);
        }

        return false;
    }

    private async Task<bool> RenewCertificatesAsync()
    {
        var wentWell = await TryAsync(certificates.Identity.RenewIfDueAsync);
        foreach (var issuer in (await UnexpiredIssuersAsync()).Where(issuer => !issuer.IsRoot))
        {
            wentWell &= await TryAsync(() => RenewSignerAsync(issuer));
        }

        return wentWell;
    }

    private async Task RenewSignerAsync(IssuerRecord issuer)
    {
        if (await certificates.Signers.RenewIfDueAsync(issuer) is { } certificate)
        {
            telemetry.Audit.Issued(certificate, "internal");
        }
    }

    private Task RefreshAnswersAsync()
    {
        certificates.Ocsp.RefreshAnswers();
        return Task.CompletedTask;
    }

    private async Task PublishAnewAsync(IssuerRecord issuer)
    {
        if (authority.Keys.TryOpen(issuer) is not null)
        {
            await PublishAsync(async () => await authority.Crls.PublishAnewAsync(issuer));
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

        await PublishAsync(async () => isScheduled ? await authority.Crls.PublishScheduledAsync(issuer) : await authority.Crls.PublishRevocationsAsync(issuer));
    }

    private async Task PublishAsync(Func<Task<CrlRecord?>> publish)
    {
        try
        {
            if (await publish() is { } crl)
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

    /// <summary>None when the database can't be read, which is told.</summary>
    private async Task<IReadOnlyList<IssuerRecord>> UnexpiredIssuersAsync()
    {
        IReadOnlyList<IssuerRecord> issuers = [];
        await TryAsync(() => Task.FromResult(issuers = [.. authority.Issuers.Current.All.Where(issuer => issuer.Certificate.NotAfter > timeProvider.GetUtcNow())]));
        return issuers;
    }

    private static partial class Log
    {
        [LoggerMessage(8203, LogLevel.Error, "Maintenance failed, and is tried again: {Reason}", EventName = nameof(Failed))]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(8207, LogLevel.Error, "Maintenance failed by a defect of this program, and is tried again", EventName = nameof(Defect))]
        public static partial void Defect(ILogger logger, Exception exception);
    }
}
