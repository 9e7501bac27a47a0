using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The path of an outbound request: plain HTTP from the local application → shape → target → upstream → YARP (load balancing, passive health)
/// → pooled mutual TLS connection whose peer was validated. Never forwards to anything that isn't a configured upstream.
/// </summary>
internal sealed class OutboundPipeline
{
    private readonly Upstreams _upstreams;
    private readonly ISvidSource _svid;
    private readonly TimeProvider _timeProvider;
    private readonly bool _rejectsForeignPages;
    private readonly RequestGuard _guard = new(new RequestGuardOptions());

    /// <param name="upstreams">The upstreams of this moment.</param>
    /// <param name="svid">Our own identity.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="options">The configuration.</param>
    public OutboundPipeline(Upstreams upstreams, ISvidSource svid, TimeProvider timeProvider, SidecarOptions options)
    {
        (_upstreams, _svid, _timeProvider) = (upstreams, svid, timeProvider);
        _rejectsForeignPages = options.Outbound?.BrowserRequests != BrowserRequests.Forward;
    }

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        // 1. The shape of the request: what two readers could read differently ends here.
        if (_guard.Check(context) is { } fault)
        {
            await ProblemWriter.WriteAsync(context, fault);
            return;
        }

        if (_rejectsForeignPages && ForeignPage.IsBehind(context.Request))
        {
            await ProblemWriter.WriteAsync(context, ProblemReason.Denied);
            return;
        }

        // 2. The target. The peer's sidecar judges escaped slashes; here they only have to be well formed.
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, EscapedSlashes.Forward, out var target, out var error))
        {
            await ProblemWriter.WriteAsync(context, new Problem(ProblemReason.BadTarget) { Detail = error, ClosesConnection = true });
            return;
        }

        context.Features.Set(target);

        // 3. The upstream: that of the port, else that of the host.
        var name = context.Features.Get<SidecarListener>()?.Upstream ?? HostOf(target.Authority ?? context.Request.Headers.Host.ToString());
        if (_upstreams.Find(name) is not { } upstream || _upstreams.FindEndpoint(name) is not { RequestDelegate: { } forward } endpoint)
        {
            await ProblemWriter.WriteAsync(context, ProblemReason.UnknownUpstream);
            return;
        }

        // 4. Someone to call as.
        if (_svid.Current is null)
        {
            await ProblemWriter.WriteAsync(context, ProblemReason.NoIdentity);
            return;
        }

        // 5. YARP picks the destination and forwards.
        context.SetEndpoint(endpoint);
        using var exchange = Exchange.Begin(context, upstream.Timeout, upstream.IdleTimeout, _timeProvider);
        context.Features.Set(exchange);
        await forward(context);
        await UpstreamFailures.AnswerAsync(context, exchange);
    }

    /// <summary>
    /// The host without its port, to the letter: ASP.NET's own reading turns <c>xn--</c> into Unicode, and throws where it can't. What isn't
    /// the name of an upstream is found to be none.
    /// </summary>
    internal static string HostOf(string? authority)
    {
        if (string.IsNullOrEmpty(authority))
        {
            return "";
        }

        // Within brackets the colons are those of an IPv6 address (RFC 3986 §3.2.2).
        var end = authority.IndexOf(':', authority[0] == '[' ? Math.Max(authority.IndexOf(']', StringComparison.Ordinal), 0) : 0);
        return end < 0 ? authority : authority[..end];
    }
}
