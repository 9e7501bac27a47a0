using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>
/// The path of an inbound request whose peer is validated: shape → target → authorization → header hygiene → YARP → application.
/// Each stage can only refuse; the application is reached by way of a <see cref="Permit"/> alone.
/// </summary>
internal sealed class InboundPipeline
{
    private static readonly FailureReasons Reasons = new(
        ProblemReason.ApplicationUnreachable, ProblemReason.ApplicationReset, ProblemReason.ApplicationTimeout, ProblemReason.ApplicationUnreachable);
    private readonly InboundOptions _options;
    private readonly AuthorizationEnforcement _authorization;
    private readonly InboundTransformer _transformer;
    private readonly ApplicationClient _application;
    private readonly (IHttpForwarder Forwarder, TimeProvider TimeProvider) _services;
    private readonly RequestGuard _guard;

    /// <param name="options">The section <c>Inbound</c>.</param>
    /// <param name="authorization">Asks the policies in force.</param>
    /// <param name="transformer">Header hygiene on the way to the application.</param>
    /// <param name="application">The application.</param>
    /// <param name="services">YARP's forwarder and the clock.</param>
    public InboundPipeline(
        InboundOptions options,
        AuthorizationEnforcement authorization,
        InboundTransformer transformer,
        ApplicationClient application,
        (IHttpForwarder Forwarder, TimeProvider TimeProvider) services)
    {
        (_options, _authorization, _transformer, _application, _services) = (options, authorization, transformer, application, services);
        _guard = new RequestGuard(new RequestGuardOptions
        {
            KeepsForwardedClientCert = options.ForwardedClientCert is ForwardedClientCertMode.ForwardOnly or ForwardedClientCertMode.AppendForward,
            RemovesForwarding = true,
            RemovesRewriting = options.RewritingHeaders != RewritingHeaders.Forward,
        });
    }

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // 1. The peer. No validated peer, or one that is being closed: nothing is forwarded.
        if (context.Features.Get<LiveConnection>() is not { IsClosing: false } connection)
        {
            ProblemWriter.Cut(context, ProblemReason.ConnectionClosing);
            return;
        }

        // 2. The shape of the request: what two readers could read differently ends here.
        if (_guard.Check(context) is { } fault)
        {
            await ProblemWriter.WriteAsync(context, fault);
            return;
        }

        // 3. The target.
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, _options.EscapedSlashes, out var target, out var error))
        {
            await ProblemWriter.WriteAsync(context, new Problem(ProblemReason.BadTarget) { Detail = error, ClosesConnection = true });
            return;
        }

        context.Features.Set(target);

        // 4. May this peer do that?
        var request = new AuthorizationRequest(connection.Peer.Identity, connection.Listener, RequestMethod.ForJudging(context), target);
        connection.Requests.Add(request, context.Abort);
        try
        {
            if (_authorization.Authorize(request) is not { } permit)
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
        using var exchange = Exchange.Begin(context, _options.Timeout, _options.IdleTimeout, _services.TimeProvider);
        context.Features.Set(exchange);
        await _services.Forwarder.SendAsync(context, _application.DestinationPrefix, _application.Invoker, _application.RequestConfig, _transformer);
        if (context.GetForwarderErrorFeature() is { } failure)
        {
            await ForwardingFailures.AnswerAsync(context, exchange, failure, Reasons);
        }
    }
}
