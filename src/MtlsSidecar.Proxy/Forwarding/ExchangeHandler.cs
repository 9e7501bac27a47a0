namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Tells the exchange's clock that the response has begun. The last stage before the wire, in both directions.</summary>
internal sealed class ExchangeHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<Exchange> Key = new(nameof(Exchange));

    /// <summary>Ties an outgoing request to its exchange.</summary>
    public static void Attach(HttpRequestMessage request, Exchange exchange) => request.Options.Set(Key, exchange);

    /// <summary>The exchange of an outgoing request.</summary>
    public static Exchange? ExchangeOf(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var exchange) ? exchange : null;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var exchange = ExchangeOf(request);
        if (exchange is not null && request.Content is { } content)
        {
            request.Content = new PromptRequestContent(content, exchange);
        }

        var response = await base.SendAsync(request, cancellationToken);
        if (exchange is not null)
        {
            exchange.NoteAnswer();
            if (ExchangeKind.MayBeSilent(request, response))
            {
                exchange.Timer.TurnOff();
            }
            else
            {
                exchange.Timer.ResponseBegan();
            }
        }

        return response;
    }
}
