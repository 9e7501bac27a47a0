using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Reads an answer's body and sends the answer's headers on when the first byte is not there yet.</summary>
internal sealed class PromptStream(Stream inner, HttpResponse response) : WrappedStream(inner)
{
    private bool _begun;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = base.ReadAsync(buffer, cancellationToken);
        if (_begun || read.IsCompleted)
        {
            _begun = true;
            return read;
        }

        _begun = true;
        return ReadAfterHeadersAsync(read, cancellationToken);
    }

    private async ValueTask<int> ReadAfterHeadersAsync(ValueTask<int> read, CancellationToken cancellationToken)
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

        return await read;
    }
}
