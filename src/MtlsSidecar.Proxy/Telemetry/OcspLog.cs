using Microsoft.Extensions.Logging;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// Tells what comes of OCSP requests: each is counted; a responder that fails gets a line at once and then one every half minute at most,
/// which says how many were left out.
/// </summary>
internal sealed partial class OcspLog(SidecarMetrics metrics, TimeProvider timeProvider, ILogger<OcspLog> logger) : IOcspObserver
{
    private const int MaxResponders = 256;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (DateTimeOffset LastLine, int LeftOut)> _failing = [];

    /// <inheritdoc/>
    public void Answered(string url, RevocationStatus status)
    {
        metrics.OcspAnswered(status switch
        {
            RevocationStatus.Good => "good",
            RevocationStatus.Revoked => "revoked",
            _ => "unknown",
        });
        lock (_gate)
        {
            if (!_failing.Remove(url))
            {
                return;
            }
        }

        Log.OcspRecovered(logger, url);
    }

    /// <inheritdoc/>
    public void Failed(string url, string serialNumber, string reason)
    {
        metrics.OcspAnswered("failure");
        if (TakeLine(url) is { } leftOut)
        {
            Log.OcspFailed(logger, url, serialNumber, reason, leftOut);
        }
    }

    /// <inheritdoc/>
    public void Changed(string url, string serialNumber, string detail) => Log.OcspChanged(logger, serialNumber, detail, url);

    /// <summary>How many lines were left out before this one; null when this one is left out.</summary>
    private int? TakeLine(string url)
    {
        var now = timeProvider.GetUtcNow();
        lock (_gate)
        {
            if (_failing.TryGetValue(url, out var state) && now - state.LastLine < Quiet)
            {
                _failing[url] = state with { LeftOut = state.LeftOut + 1 };
                return null;
            }

            // Responders' names come from certificates; forgetting them costs a line each.
            if (_failing.Count >= MaxResponders)
            {
                _failing.Clear();
            }

            _failing[url] = (now, 0);
            return state.LeftOut;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            2311, LogLevel.Warning, "OCSP responder {Url} gave no usable answer about {Serial}: {Reason} ({LeftOut} more since the last such line)", EventName = nameof(OcspFailed))]
        public static partial void OcspFailed(ILogger logger, string url, string serial, string reason, int leftOut);

        [LoggerMessage(2312, LogLevel.Information, "OCSP responder {Url} answers again", EventName = nameof(OcspRecovered))]
        public static partial void OcspRecovered(ILogger logger, string url);

        [LoggerMessage(2313, LogLevel.Warning, "The status of certificate {Serial} has changed: {Detail} ({Url})", EventName = nameof(OcspChanged))]
        public static partial void OcspChanged(ILogger logger, string serial, string detail, string url);
    }
}
