using System.Net;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// A request's body whose pieces go out as they come. <c>HttpClient</c> collects what is written until its buffer is full or the body ends,
/// which holds back a caller that sends a little and then waits for an answer to it. Here what was written is flushed when there is nothing
/// more to read: a body that is there as a whole costs no flush.
/// </summary>
internal sealed class PromptRequestContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Exchange _exchange;

    /// <param name="inner">The forwarder's content.</param>
    /// <param name="exchange">The exchange whose incoming body says when there is nothing more to read.</param>
    public PromptRequestContent(HttpContent inner, Exchange exchange)
    {
        (_inner, _exchange) = (inner, exchange);
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _exchange.FlushRequestTo(stream);
        return _inner.CopyToAsync(stream, context, cancellationToken);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
