using System.Runtime.InteropServices;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>
/// Memory outside the managed heap for what is read once and then parsed. A CRL of 35 MB is needed for a second and then never again: as an array it
/// would stay in the process until the next full collection, here it goes back to the system at once.
/// </summary>
internal sealed class NativeBuffer : IDisposable
{
    private nint _start;
    private int _capacity;

    public NativeBuffer(int capacity)
    {
        _start = Marshal.AllocHGlobal(capacity);
        _capacity = capacity;
    }

    ~NativeBuffer() => Marshal.FreeHGlobal(_start);

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written; valid until the buffer grows or is disposed.</summary>
    public unsafe Span<byte> Written => new((void*)_start, Length);

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="FetchException">The stream holds more than <paramref name="maxLength"/> bytes.</exception>
    public static async Task<NativeBuffer> ReadAsync(Stream stream, long? expectedLength, int maxLength, CancellationToken cancellationToken)
    {
        // One byte more than promised, so that the end is seen without growing.
        var buffer = new NativeBuffer((int)Math.Min(maxLength, expectedLength ?? 64 * 1024) + 1);
        try
        {
            var chunk = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(chunk, cancellationToken)) > 0)
            {
                if (buffer.Length + read > maxLength)
                {
                    throw new FetchException($"larger than {maxLength} bytes");
                }

                buffer.Append(chunk.AsSpan(0, read));
            }

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>Adds bytes at the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        var needed = checked(Length + bytes.Length);
        if (needed > _capacity)
        {
            _capacity = Math.Max(needed, (int)Math.Min(int.MaxValue, 2L * _capacity));
            _start = Marshal.ReAllocHGlobal(_start, _capacity);
        }

        var end = Length;
        Length = needed;
        bytes.CopyTo(Written[end..]);
    }

    public void Dispose()
    {
        Marshal.FreeHGlobal(_start);
        (_start, _capacity, Length) = (0, 0, 0);
        GC.SuppressFinalize(this);
    }
}
