using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Telemetry;

internal sealed class PrometheusEndpoint
{
    public Task WriteAsync(HttpContext context) { context.Response.StatusCode = 501; return Task.FromResult(this); }
}
