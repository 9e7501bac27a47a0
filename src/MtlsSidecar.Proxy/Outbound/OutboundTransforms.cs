using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>What happens to an outbound request on its way: its target and Host stay as the caller wrote them.</summary>
internal sealed class OutboundTransforms : ITransformProvider
{
    /// <inheritdoc/>
    public void ValidateRoute(TransformRouteValidationContext context)
    {
    }

    /// <inheritdoc/>
    public void ValidateCluster(TransformClusterValidationContext context)
    {
    }

    /// <inheritdoc/>
    public void Apply(TransformBuilderContext context)
    {
        context.UseDefaultForwarders = false;

        // Without being asked, YARP takes a Host that equals the caller's away again after all other transforms. What it puts there has
        // punycode turned into Unicode, which the next transform makes good.
        context.AddOriginalHost();
        context.AddRequestTransform(Transform);
        context.AddResponseTransform(Transform);
    }

    private static ValueTask Transform(RequestTransformContext context)
    {
        var http = context.HttpContext;
        var target = http.Features.Get<RequestTarget>() ?? throw new InvalidOperationException("The target was not checked.");
        context.ProxyRequest.Headers.Host = http.Request.Headers.Host.ToString();
        context.ProxyRequest.RequestUri = ExactTarget.Join(context.DestinationPrefix, target.RawPathAndQuery);
        if (http.Features.Get<Exchange>() is { } exchange)
        {
            ExchangeHandler.Attach(context.ProxyRequest, exchange);
        }

        return ValueTask.CompletedTask;
    }

    private static ValueTask Transform(ResponseTransformContext context)
    {
        if (context.ProxyResponse is { } response)
        {
            HopByHopHeaders.RemoveNamedByConnection(response, context.HttpContext.Response.Headers);
            PromptContent.Wrap(response, context.HttpContext.Response);
        }

        return ValueTask.CompletedTask;
    }
}
