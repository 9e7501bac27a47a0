using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// Reads an answer's body, sends the answer's headers on when the first byte is not there yet, and tells the exchange when the body has ended.
/// </summary>
internal sealed class PromptStream(Stream inner, HttpResponse response, Exchange exchange) : WrappedStream(inner)
{
    private bool _begun;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = base.ReadAsync(buffer, cancellationToken);
        var isFirst = !_begun;
        _begun = true;
        if (read.IsCompletedSuccessfully)
        {
            return new ValueTask<int>(Noted(read.Result, buffer));
        }

        if (isFirst && !read.IsCompleted)
        {
            return ReadAfterHeadersAsync(read, buffer, cancellationToken);
        }

        return buffer.IsEmpty ? read : NotedAsync(read, buffer);
    }

    private int Noted(int bytes, Memory<byte> buffer)
    {
        // The forwarder first waits with an empty buffer, which costs nothing while there is nothing: that nothing fits into it is no end.
        if (bytes == 0 && !buffer.IsEmpty)
        {
            exchange.NoteEndOfAnswer();
        }

        return bytes;
    }

    private async ValueTask<int> NotedAsync(ValueTask<int> read, Memory<byte> buffer) => Noted(await read, buffer);

    private async ValueTask<int> ReadAfterHeadersAsync(ValueTask<int> read, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        // The read runs into the forwarder's buffer: whatever becomes of the caller, it must be over before we return.
        try
        {
            await response.Body.FlushAsync(cancellationToken);
        }
        catch (Exception)
        {
            // The caller has gone, say; the read ends by the same token, and a broken way out shows at the next write.
        }

        return Noted(await read, buffer);
    }
}
