using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>
/// The orchestrator's probes. Alive as long as this answers; ready while peers can be served. The application being down makes nobody
/// restart the sidecar, which would not help it.
/// </summary>
internal sealed class ProbeEndpoints(Readiness readiness)
{
    /// <summary>Answers one probe.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        // Anybody may ask: nobody keeps a connection for the next question.
        context.Response.Headers.Connection = "close";
        var reasons = ReasonsFor(context.Request.Path);
        if (reasons is null || !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            context.Response.StatusCode = reasons is null ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        var isWell = reasons.Count == 0;
        context.Response.StatusCode = isWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(new ProbeAnswer(isWell ? "ok" : "unready", reasons), AdminJson.Default.ProbeAnswer);
    }

    private IReadOnlyList<string>? ReasonsFor(PathString path) => path.Value switch
    {
        "/healthz/live" => [],
        "/healthz/ready" => readiness.Reasons(),
        "/healthz/startup" => readiness.StartupReasons(),
        _ => null,
    };
}
