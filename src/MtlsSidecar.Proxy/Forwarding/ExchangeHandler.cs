namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Lets a request's body go out as it comes, in both directions.</summary>
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
        // Here and not in a transform: later forwarders refuse a content there that isn't their own. One that the forwarder made for the sake of
        // its headers alone has no body, and says so by its length, which must not become an empty chunked one.
        if (request.Content is { } content && ExchangeOf(request) is { MayHaveBody: true } exchange)
        {
            request.Content = new PromptRequestContent(content, exchange);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
