using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Inbound.Headers;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>What happens to an inbound request on its way: headers say who asks.</summary>
internal sealed class InboundTransformer(InboundOptions options, ISvidSource svid) : ExchangeTransformer
{
    private readonly InboundHeaders _headers = new(options.ForwardedClientCert, options.ClientCertHeader);

    /// <summary>Written once a connection, as long as it lives.</summary>
    private readonly ConditionalWeakTable<LiveConnection, PeerHeaders> _peerHeaders = [];
    private readonly ConditionalWeakTable<LiveConnection, PeerHeaders>.CreateValueCallback _createHeaders = live => new PeerHeaders(live.Peer, svid.Current?.SpiffeId);

    /// <inheritdoc/>
    protected override void AddOwn(HttpContext context, HttpRequestMessage request, Exchange exchange)
    {
        var connection = exchange.Connection ?? throw new InvalidOperationException("The peer was not validated.");

        // Nobody else behind asks for it here.
        if (exchange.MayHaveBody)
        {
            ExchangeHandler.Attach(request, exchange);
        }

        _headers.Apply(context, request, _peerHeaders.GetValue(connection, _createHeaders));
    }
}
