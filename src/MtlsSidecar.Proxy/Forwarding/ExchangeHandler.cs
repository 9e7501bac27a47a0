namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Lets a request's body go out as it comes. The last stage before the wire, in both directions.</summary>
internal sealed class ExchangeHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private static readonly HttpRequestOptionsKey<Exchange> Key = new(nameof(Exchange));

    /// <summary>Ties an outgoing request to its exchange.</summary>
    public static void Attach(HttpRequestMessage request, Exchange exchange) => request.Options.Set(Key, exchange);

    /// <summary>The exchange of an outgoing request.</summary>
    public static Exchange? ExchangeOf(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var exchange) ? exchange : null;

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Here and not in a transform: the forwarder refuses a content that isn't its own.
        if (request.Content is { } content && ExchangeOf(request) is { } exchange)
        {
            request.Content = new PromptRequestContent(content, exchange);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
