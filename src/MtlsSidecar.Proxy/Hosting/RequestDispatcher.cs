using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Admin;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Inbound;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>
/// Gives each request to the pipeline of the listener that accepted its connection. Host header, path and port of the request have no say:
/// otherwise a peer could reach the admin endpoints or use our identity to call upstreams.
/// </summary>
internal sealed class RequestDispatcher(
    InboundPipeline? inbound, OutboundPipeline outbound, (AdminEndpoints Admin, ProbeEndpoints Probes) operators, DrainState drain, AccessLog accessLog)
{
    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context) => context.Features.Get<SidecarListener>() switch
    {
        { Role: ListenerRole.Inbound } listener when inbound is not null => ServeAsync(context, listener, inbound.InvokeAsync),
        { Role: ListenerRole.Outbound } listener => ServeAsync(context, listener, outbound.InvokeAsync),
        { Role: ListenerRole.Admin } => operators.Admin.InvokeAsync(context),
        { Role: ListenerRole.Probes } => operators.Probes.InvokeAsync(context),

        // No mark, no service: a listener that isn't ours must not reach anything.
        _ => RefuseAsync(context),
    };

    private async Task ServeAsync(HttpContext context, SidecarListener listener, RequestDelegate pipeline)
    {
        drain.Enter();
        var started = accessLog.Begin();
        try
        {
            if (drain.IsDraining && listener.Role == ListenerRole.Inbound)
            {
                AnnounceClose(context);
            }

            await pipeline(context);
        }
        catch (Exception exception) when (NoteStatus(context, exception))
        {
            // Not reached: the filter only looks.
        }
        finally
        {
            accessLog.Write(context, listener, started);
            drain.Leave();
        }
    }

    /// <summary>The server answers for an exception only after the account was written, which must not say 200. Never catches it.</summary>
    private static bool NoteStatus(HttpContext context, Exception exception)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = exception switch
            {
                BadHttpRequestException badRequest => badRequest.StatusCode,
                _ when context.RequestAborted.IsCancellationRequested => StatusCodes.Status499ClientClosedRequest,
                _ => StatusCodes.Status500InternalServerError,
            };
        }

        return false;
    }

    /// <summary>Tells an HTTP/1.1 peer to dial anew; HTTP/2 has been told by GOAWAY.</summary>
    private static void AnnounceClose(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(
                static state =>
                {
                    ((HttpContext)state).Response.Headers.Connection = "close";
                    return Task.CompletedTask;
                },
                context);
        }
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }
}
