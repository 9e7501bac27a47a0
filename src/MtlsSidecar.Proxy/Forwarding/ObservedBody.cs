namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>A request's or response's body on its way through: counts bytes, keeps the clock going and sees the end. Buffers nothing.</summary>
internal sealed class ObservedBody(Stream inner, ExchangeTimer timer) : WrappedStream(inner)
{
    private long _bytes;
    private Stream? _flushed;

    /// <summary>Bytes so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Names the stream that is to be flushed before a read that has to wait.</summary>
    public void FlushBeforeWaiting(Stream stream) => _flushed = stream;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var pending = base.ReadAsync(buffer, cancellationToken);
        if (!pending.IsCompleted && _flushed is not null)
        {
            await FlushAsync(_flushed, cancellationToken);
        }

        var read = await pending;
        if (read == 0 && !buffer.IsEmpty)
        {
            timer.RequestSent();
        }

        Count(read);
        return read;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Count(buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }

    private void Count(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        timer.Touch();
    }

    private static async ValueTask FlushAsync(Stream stream, CancellationToken cancellationToken)
    {
        // The pending read must be awaited whatever happens here, or it would go on filling a buffer that somebody else has by then; a broken
        // way out shows at the next write.
        try
        {
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception)
        {
        }
    }
}
