using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// One line a request: who asked for what on which listener, and what came of it. Never the query, a header or a body: they may hold secrets.
/// </summary>
internal sealed partial class AccessLog(SidecarMetrics metrics, TimeProvider timeProvider, ILogger<AccessLog> logger)
{
    private const int MaxPathLength = 512;

    /// <summary>Starts the stopwatch of a request.</summary>
    public long Begin() => timeProvider.GetTimestamp();

    /// <summary>Writes the line of a request that has been answered.</summary>
    public void Write(HttpContext context, Exchange exchange)
    {
        var duration = timeProvider.GetElapsedTime(exchange.StartedAt);
        var status = context.Response.StatusCode;
        var direction = exchange.Listener.Role == ListenerRole.Inbound ? ConnectionDirection.Inbound : ConnectionDirection.Outbound;
        metrics.RequestAnswered(direction, status, duration);
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        Log.Request(
            logger,
            exchange.Listener.Name,
            exchange.Connection?.Peer.Identity.Name ?? exchange.AnsweredBy,
            context.Request.Method,
            PathOf(context, exchange),
            status,
            duration.TotalMilliseconds,
            exchange.BytesReceived,
            exchange.BytesSent,
            exchange.Destination?.Address,
            context.Features.Find<Problem>()?.Reason.Name);
    }

    private static string PathOf(HttpContext context, Exchange exchange)
    {
        // A target that was refused may hold anything; what is logged is the path as the server read it, bounded and escaped.
        var path = exchange.Target?.RawPath ?? context.Request.Path.ToUriComponent();
        return path.Length <= MaxPathLength ? path : path[..MaxPathLength] + "…";
    }

    private static partial class Log
    {
        [LoggerMessage(
            2501,
            LogLevel.Information,
            "{Listener} {Peer} {Method} {Path} {Status} in {DurationMs} ms, {BytesReceived} bytes in, {BytesSent} bytes out {Destination} {Reason}",
            EventName = nameof(Request))]
        public static partial void Request(
            ILogger logger,
            string listener,
            string? peer,
            string method,
            string path,
            int status,
            double durationMs,
            long bytesReceived,
            long bytesSent,
            string? destination,
            string? reason);
    }
}
