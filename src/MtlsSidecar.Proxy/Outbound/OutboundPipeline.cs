using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The path of an outbound request: plain HTTP from the local application → shape → target → upstream → YARP (load balancing, passive health)
/// → pooled mutual TLS connection whose peer was validated. Never forwards to anything that isn't a configured upstream.
/// </summary>
internal sealed class OutboundPipeline(Upstreams upstreams, TimeProvider timeProvider)
{
    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context, SidecarListener listener)
    {
        if (RequestGuard.Check(context) is { } refusal)
        {
            await ProblemWriter.WriteAndCloseAsync(context, refusal);
            return;
        }

        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, EscapedSlashes.Forward, out var target, out _))
        {
            await ProblemWriter.WriteAndCloseAsync(context, ProblemReason.BadTarget);
            return;
        }

        var name = listener.Upstream ?? HostOf(target.Authority ?? context.Request.Host.Value);
        if (upstreams.Find(name) is not { } upstream || upstreams.FindEndpoint(name) is not { RequestDelegate: { } forward } endpoint)
        {
            await ProblemWriter.WriteAsync(context, ProblemReason.UnknownUpstream);
            return;
        }

        context.Features.Set(target);
        context.SetEndpoint(endpoint);
        using var exchange = Exchange.Begin(context, upstream.Timeout, upstream.IdleTimeout, timeProvider);
        context.Features.Set(exchange);
        await forward(context);
        await UpstreamFailures.AnswerAsync(context, exchange);
    }

    /// <summary>The host without its port. What can't be read is no upstream's name.</summary>
    private static string HostOf(string? authority) => HostString.FromUriComponent(authority ?? "").Host;
}
