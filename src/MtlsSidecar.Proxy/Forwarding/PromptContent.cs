using System.Net;
using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// The body of an answer whose headers must not wait for it. The forwarder writes headers with the first byte of the body, so the reader of
/// an event stream or a gRPC call that is silent at first would not even learn that it was accepted. Here they leave as soon as the body
/// makes us wait. A body that is there already, or is known to be empty, is left alone: that keeps a trailers-only gRPC answer one.
/// </summary>
internal sealed class PromptContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly HttpResponse _response;
    private readonly Exchange _exchange;

    private PromptContent(HttpContent inner, HttpResponse response, Exchange exchange) => (_inner, _response, _exchange) = (inner, response, exchange);

    /// <summary>Puts itself between an answer and the forwarder, once the headers were copied.</summary>
    public static void Wrap(HttpResponseMessage answer, HttpResponse response, Exchange exchange)
    {
        // After a switch of protocols, by 101 or by the extended CONNECT of RFC 8441, the content is the connection itself.
        if (answer.StatusCode != HttpStatusCode.SwitchingProtocols && answer.RequestMessage?.Method != HttpMethod.Connect)
        {
            answer.Content = new PromptContent(answer.Content, response, exchange);
        }
    }

    /// <inheritdoc/>
    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        => new PromptStream(await _inner.ReadAsStreamAsync(cancellationToken), _response, _exchange);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => throw new NotSupportedException("Answers are read as streams.");

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
