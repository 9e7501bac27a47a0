namespace MtlsSidecar.Proxy.Outbound;

/// <summary>Stands in for a destination's connections while there is no certificate of our own. The pool is replaced as soon as there is one.</summary>
internal sealed class NoIdentityHandler : HttpMessageHandler
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        => throw new HttpRequestException(HttpRequestError.SecureConnectionError, "there is no own certificate yet");
}
