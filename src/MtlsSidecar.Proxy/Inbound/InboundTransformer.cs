using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>What happens to an inbound request and its answer on their way: the target stays byte for byte what was judged.</summary>
internal sealed class InboundTransformer : HttpTransformer
{
    /// <inheritdoc/>
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var target = httpContext.Features.Get<RequestTarget>() ?? throw new InvalidOperationException("The target was not checked.");
        proxyRequest.RequestUri = ExactTarget.Join(destinationPrefix, target.RawPathAndQuery);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        if (httpContext.Features.Get<Exchange>() is { } exchange)
        {
            ExchangeHandler.Attach(proxyRequest, exchange);
        }
    }
}
