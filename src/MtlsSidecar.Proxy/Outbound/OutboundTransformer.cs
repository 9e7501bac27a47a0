using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>What happens to an outbound request on its way: it goes as the caller wrote it, and says where it went.</summary>
internal sealed class OutboundTransformer : ExchangeTransformer
{
    private OutboundTransformer()
    {
    }

    /// <summary>The only one; it knows nothing of any upstream.</summary>
    public static OutboundTransformer Instance { get; } = new();

    /// <inheritdoc/>
    protected override void AddOwn(HttpContext context, HttpRequestMessage request, Exchange exchange)
    {
        // The destination's pool enters itself in the exchange, also for a request without a body.
        ExchangeHandler.Attach(request, exchange);
    }
}
