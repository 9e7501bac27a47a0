namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>A request's or response's body on its way through: counts bytes, keeps the clock going and sees the end. Buffers nothing.</summary>
internal sealed class ObservedBody(Stream inner, ExchangeTimer timer) : Stream
{
    private long _bytes;
    private Stream? _flushed;

    /// <summary>Bytes so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <inheritdoc/>
    public override bool CanRead => inner.CanRead;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => inner.CanWrite;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Names the stream that is to be flushed before a read that has to wait.</summary>
    public void FlushBeforeWaiting(Stream stream) => _flushed = stream;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var pending = inner.ReadAsync(buffer, cancellationToken);
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
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Count(buffer.Length);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read asynchronously.");

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are written asynchronously.");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private void Count(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        timer.Touch();
    }

    private static async ValueTask FlushAsync(Stream stream, CancellationToken cancellationToken)
    {
        // The pending read must be awaited whatever happens here; a broken way out shows at the next write.
        try
        {
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
