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
    public void Write(HttpContext context, SidecarListener listener, long started)
    {
        var duration = timeProvider.GetElapsedTime(started);
        var status = context.Response.StatusCode;
        var direction = listener.Role == ListenerRole.Inbound ? ConnectionDirection.Inbound : ConnectionDirection.Outbound;
        metrics.RequestAnswered(direction, status, duration);
        if (!logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var exchange = context.Features.Get<Exchange>();
        Log.Request(
            logger,
            listener.Name,
            context.Features.Get<LiveConnection>()?.Peer.Identity.Name ?? exchange?.AnsweredBy,
            context.Request.Method,
            PathOf(context),
            status,
            duration.TotalMilliseconds,
            exchange?.BytesReceived ?? 0,
            exchange?.BytesSent ?? 0,
            exchange?.Destination?.Address,
            context.Features.Get<Problem>()?.Reason.Name);
    }

    private static string PathOf(HttpContext context)
    {
        // A target that was refused may hold anything; what is logged is the path as the server read it, bounded and escaped.
        var path = context.Features.Get<RequestTarget>()?.RawPath ?? context.Request.Path.ToUriComponent();
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
