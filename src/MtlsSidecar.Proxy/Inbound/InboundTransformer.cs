using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Inbound.Headers;
using MtlsSidecar.Trust.Sources;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>What happens to an inbound request and its answer on their way: the target stays byte for byte what was judged, headers say who asks.</summary>
internal sealed class InboundTransformer(InboundOptions options, ISvidSource svid) : HttpTransformer
{
    private readonly InboundHeaders _headers = new(options.ForwardedClientCert, options.ClientCertHeader);

    /// <summary>Written once a connection, as long as it lives.</summary>
    private readonly ConditionalWeakTable<LiveConnection, PeerHeaders> _peerHeaders = [];

    /// <inheritdoc/>
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        var target = httpContext.Features.Get<RequestTarget>() ?? throw new InvalidOperationException("The target was not checked.");
        var connection = httpContext.Features.Get<LiveConnection>() ?? throw new InvalidOperationException("The peer was not validated.");
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        proxyRequest.RequestUri = ExactTarget.Join(destinationPrefix, target.RawPathAndQuery);
        proxyRequest.Headers.Host = httpContext.Request.Headers.Host.ToString();
        _headers.Apply(httpContext, proxyRequest, _peerHeaders.GetValue(connection, live => new PeerHeaders(live.Peer, svid.Current?.SpiffeId)));
        if (httpContext.Features.Get<Exchange>() is { } exchange)
        {
            ExchangeHandler.Attach(proxyRequest, exchange);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        if (proxyResponse is null)
        {
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }

        HopByHopHeaders.RemoveNamedByConnection(proxyResponse);
        var hasBody = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        PromptContent.Wrap(proxyResponse, httpContext.Response);
        return hasBody;
    }
}
