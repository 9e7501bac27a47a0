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
internal sealed class InboundPipeline : IForwardingPipeline
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

    /// <inheritdoc/>
    public Task InvokeAsync(HttpContext context, Exchange exchange)
    {
        // 1. The peer. No validated peer, or one that is being closed: nothing is forwarded.
        if (exchange.Connection is not { IsClosing: false } connection)
        {
            ProblemWriter.Cut(context, ProblemReason.ConnectionClosing);
            return Task.CompletedTask;
        }

        // 2. The shape of the request: what two readers could read differently ends here.
        if (_guard.Check(context) is { } fault)
        {
            return ProblemWriter.WriteAsync(context, fault);
        }

        // 3. The target.
        var rawTarget = context.Features.Find<IHttpRequestFeature>()!.RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, _options.EscapedSlashes, out var target, out var error))
        {
            return ProblemWriter.WriteAsync(context, new Problem(ProblemReason.BadTarget) { Detail = error, ClosesConnection = true });
        }

        exchange.Target = target;
        return AuthorizeAsync(context, exchange, connection, new AuthorizationRequest(connection.Peer.Identity, connection.Listener, RequestMethod.ForJudging(context), target));
    }

    private async Task AuthorizeAsync(HttpContext context, Exchange exchange, LiveConnection connection, AuthorizationRequest request)
    {
        // Entered before it is judged: a policy that changes in between finds it.
        var entry = connection.Requests.Add(request, context.Abort);
        try
        {
            // 4. May this peer do that?
            if (_authorization.Authorize(request) is not { } permit)
            {
                await ProblemWriter.WriteAsync(context, ProblemReason.Denied);
                return;
            }

            // 5. Forward what was judged.
            await ForwardAsync(context, exchange, permit);
            if (context.GetForwarderErrorFeature() is { } failure)
            {
                await ForwardingFailures.AnswerAsync(context, exchange, failure, Reasons);
            }
        }
        finally
        {
            connection.Requests.Remove(entry);
        }
    }

    private ValueTask<ForwarderError> ForwardAsync(HttpContext context, Exchange exchange, Permit permit)
    {
        ArgumentNullException.ThrowIfNull(permit);
        exchange.StartForwarding(context, _options.Timeout, _options.IdleTimeout, _services.TimeProvider);
        return _services.Forwarder.SendAsync(context, _application.DestinationPrefix, _application.Invoker, _application.RequestConfig, _transformer);
    }
}
