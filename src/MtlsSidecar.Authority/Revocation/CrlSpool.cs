using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// The entries of one CRL, encoded into a file beside it: their length stands before them in the CRL and is known only after the last, and
/// in memory a million of them would be in the way.
/// </summary>
internal sealed class CrlSpool : IDisposable
{
    private const int BufferLength = 128 * 1024;
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Begins an empty spool for the CRL in a file.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public CrlSpool(string crlFile)
    {
        _path = crlFile + ".entries";
        _file = new FileStream(_path, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.ReadWrite,
            BufferSize = BufferLength,
            UnixCreateMode = PrivateFile.Mode,
        });
    }

    /// <summary>How many entries there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many octets they take.</summary>
    public long Length => _file.Length;

    /// <summary>Adds an entry.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void Append(in CrlEntry entry)
    {
        Span<byte> buffer = stackalloc byte[CrlEncoding.MaxEntryLength];
        _file.Write(buffer[..CrlEncoding.WriteEntry(buffer, entry)]);
        Count++;
    }

    /// <summary>Gives all that was added, block by block.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void ReadAll(Action<ReadOnlySpan<byte>> use)
    {
        _file.Flush();
        _file.Position = 0;
        var buffer = new byte[BufferLength];
        for (int read; (read = _file.Read(buffer)) > 0;)
        {
            use(buffer.AsSpan(0, read));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // What the full disk didn't take isn't wanted any more; the failure has been told already.
        }

        File.Delete(_path);
    }
}
