using Microsoft.Extensions.Logging;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Tells what happens to CRLs: one line and one count for each that is loaded or refused.</summary>
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

    private static partial class Log
    {
        [LoggerMessage(
            2301, LogLevel.Information, "Loaded CRL {Number} of {Issuer} from {Source}: {Entries} entries, next update {NextUpdate}", EventName = nameof(CrlLoaded))]
        public static partial void CrlLoaded(ILogger logger, string source, string? issuer, string? number, int entries, DateTimeOffset? nextUpdate);

        [LoggerMessage(2302, LogLevel.Error, "CRL from {Source} refused, the old one stays in force: {Reason}", EventName = nameof(CrlRefused))]
        public static partial void CrlRefused(ILogger logger, string source, string reason);
    }
}
