using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Admin;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>
/// Gives each request to the pipeline of the listener that accepted its connection. Host header, path and port of the request have no say:
/// otherwise a peer could reach the admin endpoints or use our identity to call upstreams.
/// </summary>
internal sealed class RequestDispatcher(
    IForwardingPipeline? inbound,
    IForwardingPipeline outbound,
    (AdminEndpoints Admin, ProbeEndpoints Probes) operators,
    (DrainState Drain, ISvidSource Svid) state,
    AccessLog accessLog)
{
    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context) => context.Features.Find<SidecarListener>() switch
    {
        { Role: ListenerRole.Inbound } listener when inbound is not null
            => ServeAsync(context, new Exchange(listener, context.Features.Find<LiveConnection>(), accessLog.Begin()), inbound),
        { Role: ListenerRole.Outbound } listener => ServeAsync(context, new Exchange(listener, connection: null, accessLog.Begin()), outbound),
        { Role: ListenerRole.Admin } => operators.Admin.InvokeAsync(context),
        { Role: ListenerRole.Probes } => operators.Probes.InvokeAsync(context),

        // No mark, no service: a listener that isn't ours must not reach anything.
        _ => RefuseAsync(context),
    };

    private async Task ServeAsync(HttpContext context, Exchange exchange, IForwardingPipeline pipeline)
    {
        state.Drain.Enter();
        exchange.AttachTo(context);
        try
        {
            if (exchange.Listener.Role == ListenerRole.Inbound && (state.Drain.IsDraining || HasOldCertificate(exchange)))
            {
                AnnounceClose(context);
            }

            await pipeline.InvokeAsync(context, exchange);
        }
        catch (Exception exception) when (NoteStatus(context, exception))
        {
            // Not reached: the filter only looks.
        }
        finally
        {
            exchange.Dispose();
            accessLog.Write(context, exchange);
            state.Drain.Leave();
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

    /// <summary>Whether our own certificate was rotated since the connection's handshake. Only the next answer ends it, so no request is lost.</summary>
    private bool HasOldCertificate(Exchange exchange)
        => exchange.Connection is { Own: { } own } && !ReferenceEquals(own, state.Svid.Current);

    /// <summary>
    /// Tells an HTTP/1.1 peer to dial anew. HTTP/2 has been told by GOAWAY when we drain, and isn't told of a rotation (decision 32).
    /// </summary>
    private static void AnnounceClose(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            context.Response.OnStarting(
                static state =>
                {
                    // The header of a switch to WebSocket says something else, and no request follows on that connection anyway.
                    if (((HttpContext)state).Response is { StatusCode: not StatusCodes.Status101SwitchingProtocols } response)
                    {
                        response.Headers.Connection = "close";
                    }

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
