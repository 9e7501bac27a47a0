using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>
/// The path of an inbound request whose peer is validated: shape → target → authorization → header hygiene → YARP → application.
/// Each stage can only refuse; the application is reached by way of a <see cref="Permit"/> alone.
/// </summary>
internal sealed class InboundPipeline(
    InboundOptions options, AuthorizationState authorization, InboundTransformer transformer, ApplicationClient application, (IHttpForwarder Forwarder, TimeProvider TimeProvider) services)
{
    private static readonly FailureReasons Reasons = new(
        ProblemReason.ApplicationUnreachable, ProblemReason.ApplicationReset, ProblemReason.ApplicationTimeout, ProblemReason.ApplicationUnreachable);

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context, SidecarListener listener)
    {
        // 1. The peer. No validated peer, or one that is being closed: nothing is forwarded.
        if (context.Features.Get<LiveConnection>() is not { IsClosing: false } connection)
        {
            context.Abort();
            return;
        }

        // 2. The shape of the request.
        if (RequestGuard.Check(context) is { } refusal)
        {
            await ProblemWriter.WriteAndCloseAsync(context, refusal);
            return;
        }

        // 3. The target.
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, options.EscapedSlashes, out var target, out _))
        {
            await ProblemWriter.WriteAndCloseAsync(context, ProblemReason.BadTarget);
            return;
        }

        context.Features.Set(target);

        // 4. May this peer do that?
        var request = new AuthorizationRequest(connection.Peer.Identity, listener.Name, context.Request.Method, target);
        connection.Requests.Add(request);
        try
        {
            if (authorization.Decide(request).Permit is not { } permit)
            {
                await ProblemWriter.WriteAsync(context, ProblemReason.Denied);
                return;
            }

            // 5. Forward what was judged.
            await ForwardAsync(context, permit);
        }
        finally
        {
            connection.Requests.Remove(request);
        }
    }

    private async Task ForwardAsync(HttpContext context, Permit permit)
    {
        ArgumentNullException.ThrowIfNull(permit);
        using var exchange = Exchange.Begin(context, options.Timeout, options.IdleTimeout, services.TimeProvider);
        context.Features.Set(exchange);
        await services.Forwarder.SendAsync(context, application.DestinationPrefix, application.Invoker, application.RequestConfig, transformer);
        if (context.GetForwarderErrorFeature() is { } failure)
        {
            await ForwardingFailures.AnswerAsync(context, exchange, failure, Reasons);
        }
    }
}
