using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>What an operator on this machine may see and do. Listens on loopback, which a browser on the machine can reach as well.</summary>
internal sealed class AdminEndpoints(StatusReport status, PeerReport peers, PrometheusEndpoint metrics, Reload reload, DrainRequest drain)
{
    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // A page from anywhere can send requests to loopback (by DNS rebinding even read the answers): its Origin or Host gives it away.
        if (!IsLoopback(context.Request.Host) || context.Request.Headers.ContainsKey(HeaderNames.Origin))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "no-store";
        return (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET" or "HEAD", "/metrics") => metrics.WriteAsync(context),
            ("GET" or "HEAD", "/status") => context.Response.WriteAsJsonAsync(status.Create(), AdminJson.Default.StatusAnswer),
            ("GET" or "HEAD", "/peers") => context.Response.WriteAsJsonAsync(peers.Create(), AdminJson.Default.PeersAnswer),
            ("POST", "/reload") => ReloadAsync(context),
            ("POST", "/drain") => DrainAsync(context),
            (_, "/metrics" or "/status" or "/peers" or "/reload" or "/drain") => Answer(context, StatusCodes.Status405MethodNotAllowed),
            _ => Answer(context, StatusCodes.Status404NotFound),
        };
    }

    private async Task ReloadAsync(HttpContext context)
    {
        var errors = await reload.RunAsync(context.RequestAborted);
        context.Response.StatusCode = errors.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status409Conflict;
        await context.Response.WriteAsJsonAsync(new ReloadAnswer(errors.Count == 0 ? "ok" : "failed", errors), AdminJson.Default.ReloadAnswer);
    }

    private Task DrainAsync(HttpContext context)
    {
        drain.Request();
        return Answer(context, StatusCodes.Status202Accepted);
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static bool IsLoopback(HostString host)
        => host.HasValue && (host.Host == "localhost" || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));
}
