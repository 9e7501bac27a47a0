using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Sources;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The path of an outbound request: plain HTTP from the local application → shape → target → upstream → YARP (load balancing and passive health,
/// where there is a choice) → pooled mutual TLS connection whose peer was validated. Never forwards to anything that isn't a configured upstream.
/// </summary>
internal sealed class OutboundPipeline : IForwardingPipeline
{
    private readonly Upstreams _upstreams;
    private readonly ISvidSource _svid;
    private readonly (IHttpForwarder Forwarder, TimeProvider TimeProvider) _services;
    private readonly bool _rejectsForeignPages;
    private readonly bool _isTraced;
    private readonly RequestGuard _guard = new(new RequestGuardOptions());

    /// <param name="upstreams">The upstreams of this moment.</param>
    /// <param name="svid">Our own identity.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="services">YARP's forwarder, whether requests are traced, and the clock.</param>
    public OutboundPipeline(Upstreams upstreams, ISvidSource svid, SidecarOptions options, (IHttpForwarder Forwarder, OpenTelemetrySettings Telemetry, TimeProvider TimeProvider) services)
    {
        (_upstreams, _svid, _services) = (upstreams, svid, (services.Forwarder, services.TimeProvider));
        _isTraced = services.Telemetry.SendsTraces;
        _rejectsForeignPages = options.Outbound?.BrowserRequests != BrowserRequests.Forward;
    }

    /// <inheritdoc/>
    public Task InvokeAsync(HttpContext context, Exchange exchange)
    {
        // 1. The shape of the request: what two readers could read differently ends here.
        if (_guard.Check(context) is { } fault)
        {
            return ProblemWriter.WriteAsync(context, fault);
        }

        if (_rejectsForeignPages && ForeignPage.IsBehind(context.Request))
        {
            return ProblemWriter.WriteAsync(context, ProblemReason.Denied);
        }

        // 2. The target. The peer's sidecar judges escaped slashes; here they only have to be well formed.
        var rawTarget = context.Features.Find<IHttpRequestFeature>()!.RawTarget;
        if (!RequestTarget.TryParse(rawTarget, context.Request.Method, EscapedSlashes.Forward, out var target, out var error))
        {
            return ProblemWriter.WriteAsync(context, new Problem(ProblemReason.BadTarget) { Detail = error, ClosesConnection = true });
        }

        exchange.Target = target;

        // 3. The upstream: that of the port, else that of the host.
        var name = exchange.Listener.Upstream ?? HostOf(target.Authority ?? context.Request.Headers.Host.ToString());
        if (_upstreams.Find(name) is not { } upstream || _upstreams.FindRoute(name) is not { } route)
        {
            return ProblemWriter.WriteAsync(context, ProblemReason.UnknownUpstream);
        }

        // 4. Someone to call as.
        if (_svid.Current is null)
        {
            return ProblemWriter.WriteAsync(context, ProblemReason.NoIdentity);
        }

        // 5. Forward.
        exchange.StartForwarding(context, upstream.Timeout, upstream.IdleTimeout, _services.TimeProvider);
        return ForwardAsync(context, exchange, route);
    }

    private async Task ForwardAsync(HttpContext context, Exchange exchange, UpstreamRoute route)
    {
        var model = route.Cluster.Model;
        if (!_isTraced && route.Cluster.DestinationsState.AllDestinations is [var only])
        {
            // Nothing to choose, and an only destination is never taken out of rotation. Traced requests go the long way for YARP's span, which
            // names upstream and destination.
            await _services.Forwarder.SendAsync(context, only.Model.Config.Address, model.HttpClient, model.Config.HttpRequest!, OutboundTransformer.Instance);
        }
        else
        {
            context.SetEndpoint(route.Endpoint);
            await route.Forward(context);
        }

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
