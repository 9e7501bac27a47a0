using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>
/// Memory outside the managed heap, for the raw bytes of a CRL and for its packed entries. As arrays they would stay in the process until
/// a full collection, and after it as free heap; here they go back to the system the moment they are let go of.
/// </summary>
/// <remarks>
/// Mapped, not allocated: after a few large blocks came and went, the C library keeps such memory in its own heap, where one small block
/// in use holds on to all of it.
/// </remarks>
internal sealed partial class NativeBuffer : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int ReadWrite = 0x1 | 0x2;
    private const int PrivateAnonymous = 0x02 | 0x20;
    private int _capacity;

    public NativeBuffer(int capacity)
        : base(ownsHandle: true)
    {
        _capacity = Math.Max(capacity, 1);
        SetHandle(Allocate(_capacity));
    }

    /// <summary>How many bytes have been written.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// The bytes written; valid until the buffer grows or is disposed. Whoever reads while another thread may dispose takes a reference
    /// first (<see cref="SafeHandle.DangerousAddRef"/>).
    /// </summary>
    public unsafe Span<byte> Written => new((void*)handle, Length);

    /// <summary>A buffer of zeros.</summary>
    public static NativeBuffer Zeroed(int length)
    {
        var buffer = new NativeBuffer(length) { Length = length };
        buffer.Written.Clear();
        return buffer;
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="FetchException">The stream holds more than <paramref name="maxLength"/> bytes.</exception>
    public static async Task<NativeBuffer> ReadAsync(Stream stream, long? expectedLength, int maxLength, CancellationToken cancellationToken)
    {
        // What is promised is not taken in advance beyond a megabyte: a lie must not cost memory.
        var buffer = new NativeBuffer((int)Math.Min(Math.Min(maxLength, expectedLength ?? 0), 1024 * 1024));
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
        var end = Length;
        var needed = checked(end + bytes.Length);
        if (needed > _capacity)
        {
            Grow((int)Math.Min(int.MaxValue, Math.Max(needed, 2L * _capacity)));
        }

        Length = needed;
        bytes.CopyTo(Written[end..]);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        Free(handle, _capacity);
        return true;
    }

    private void Grow(int capacity)
    {
        var (smaller, smallerCapacity) = (handle, _capacity);
        var written = Written;
        SetHandle(Allocate(capacity));
        _capacity = capacity;
        written.CopyTo(Written);
        Free(smaller, smallerCapacity);
    }

    private static nint Allocate(int capacity)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Marshal.AllocHGlobal(capacity);
        }

        var start = Map(0, capacity, ReadWrite, PrivateAnonymous, -1, 0);
        return start != -1 ? start : throw new InsufficientMemoryException();
    }

    private static void Free(nint start, int capacity)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Unmap(start, capacity);
        }
        else
        {
            Marshal.FreeHGlobal(start);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
