using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Answers a scraper with every metric in the Prometheus text format.</summary>
internal sealed class PrometheusEndpoint(SidecarTelemetry telemetry)
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Answers one request, <c>GET</c> or <c>HEAD</c>.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var text = await telemetry.Prometheus.CollectTextAsync();
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = text.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(text, context.RequestAborted);
        }
    }
}
