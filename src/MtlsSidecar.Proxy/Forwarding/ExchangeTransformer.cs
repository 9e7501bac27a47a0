using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Http;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// What happens to every request and answer on their way, in both directions: the target stays byte for byte what was checked, the Host what
/// the caller wrote, and the answer goes back as it comes.
/// </summary>
internal abstract class ExchangeTransformer : HttpTransformer
{
    /// <inheritdoc/>
    public sealed override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var exchange = ExchangeOf(httpContext);
        var target = exchange.Target ?? throw new InvalidOperationException("The target was not checked.");
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = ExactTarget.Join(destinationPrefix, target.RawPathAndQuery);
        proxyRequest.Headers.Host = httpContext.Request.Headers.Host.ToString();
        AddOwn(httpContext, proxyRequest, exchange);
    }

    /// <inheritdoc/>
    public sealed override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }

        var exchange = ExchangeOf(httpContext);
        exchange.NoteAnswer(proxyResponse);
        HopByHopHeaders.RemoveNamedByConnection(proxyResponse);
        var hasBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        PromptContent.Wrap(proxyResponse, httpContext.Response, exchange);
        return hasBody;
    }

    /// <summary>Adds what is ours to the caller's request: headers, and the exchange for those behind.</summary>
    protected abstract void AddOwn(HttpContext context, HttpRequestMessage request, Exchange exchange);

    private static Exchange ExchangeOf(HttpContext context) => Exchange.Of(context) ?? throw new InvalidOperationException("The request has no exchange.");
}
