using Microsoft.Extensions.Logging;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Tells what happens to CRLs: a line and a count for each that is loaded, refused or can't be fetched.</summary>
internal sealed partial class CrlLog(SidecarMetrics metrics, ILogger<CrlLog> logger) : ICrlObserver
{
    /// <inheritdoc/>
    public void Loaded(CrlStatus crl)
    {
        metrics.CrlRefreshed(succeeded: true);
        Log.CrlLoaded(logger, crl.Source, crl.Issuer, crl.Number, crl.Entries, crl.NextUpdate);
    }

    /// <inheritdoc/>
    public void Refused(string source, string reason)
    {
        metrics.CrlRefreshed(succeeded: false);
        Log.CrlRefused(logger, source, reason);
    }

    /// <inheritdoc/>
    public void Unusable(string source, string reason) => Log.CrlUnusable(logger, source, reason);

    /// <inheritdoc/>
    public void FetchFailed(string url, string reason, TimeSpan retryIn)
    {
        metrics.CrlRefreshed(succeeded: false);
        Log.CrlFetchFailed(logger, url, reason, retryIn);
    }

    /// <inheritdoc/>
    public void CacheFailed(string source, string reason) => Log.CrlCacheFailed(logger, source, reason);

    private static partial class Log
    {
        [LoggerMessage(
            2301, LogLevel.Information, "Loaded CRL {Number} of {Issuer} from {Source}: {Entries} entries, next update {NextUpdate}", EventName = nameof(CrlLoaded))]
        public static partial void CrlLoaded(ILogger logger, string source, string? issuer, string? number, int entries, DateTimeOffset? nextUpdate);

        [LoggerMessage(2302, LogLevel.Error, "CRL from {Source} refused, the old one stays in force: {Reason}", EventName = nameof(CrlRefused))]
        public static partial void CrlRefused(ILogger logger, string source, string reason);

        [LoggerMessage(2303, LogLevel.Warning, "CRL from {Url} could not be fetched, asked again in {RetryIn}: {Reason}", EventName = nameof(CrlFetchFailed))]
        public static partial void CrlFetchFailed(ILogger logger, string url, string reason, TimeSpan retryIn);

        [LoggerMessage(2304, LogLevel.Warning, "CRL cache of {Source} can't be used: {Reason}", EventName = nameof(CrlCacheFailed))]
        public static partial void CrlCacheFailed(ILogger logger, string source, string reason);

        [LoggerMessage(2305, LogLevel.Error, "CRL from {Source} is no good until it is replaced: {Reason}", EventName = nameof(CrlUnusable))]
        public static partial void CrlUnusable(ILogger logger, string source, string reason);
    }
}
