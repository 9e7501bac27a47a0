using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// Signs a CRL of any size in constant memory: entries stream into a file, their length is then known, the file is hashed and signed, and
/// the whole is put together beside the published CRL and moved over it in one step. Whatever fails before that step leaves the published
/// one as it was.
/// </summary>
internal sealed class CrlWriter(SigningAuthority authority)
{
    private const int BufferLength = 128 * 1024;

    /// <summary>Writes and signs a CRL and puts it in place of the file.</summary>
    /// <returns>How many entries it has.</returns>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public int Write(string path, CrlHeader header, IEnumerable<CrlEntry> entries)
    {
        var (spoolPath, nextPath) = (path + ".entries", path + ".new");
        try
        {
            using var spool = Create(spoolPath);
            var count = SpoolEntries(spool, entries);
            using (var next = Create(nextPath))
            {
                Assemble(next, header, spool);
                next.Flush(flushToDisk: true);
            }

            File.Move(nextPath, path, overwrite: true);
            return count;
        }
        finally
        {
            File.Delete(spoolPath);
            File.Delete(nextPath);
        }
    }

    private static int SpoolEntries(FileStream spool, IEnumerable<CrlEntry> entries)
    {
        Span<byte> buffer = stackalloc byte[CrlEncoding.MaxEntryLength];
        var count = 0;
        foreach (var entry in entries)
        {
            spool.Write(buffer[..CrlEncoding.WriteEntry(buffer, entry)]);
            count++;
        }

        spool.Flush();
        return count;
    }

    private void Assemble(FileStream next, CrlHeader header, FileStream spool)
    {
        // No entries, no list of them (RFC 5280 §5.1.2.6).
        var list = spool.Length == 0 ? [] : CrlEncoding.SequenceHeader(spool.Length);
        var before = header.FieldsBefore();
        var after = header.FieldsAfter();
        var contentLength = before.Length + list.Length + spool.Length + after.Length;
        byte[] start = [.. CrlEncoding.SequenceHeader(contentLength), .. before, .. list];

        var trailer = SignatureOf(start, spool, after);
        next.Write(CrlEncoding.SequenceHeader(start.Length + spool.Length + after.Length + trailer.Length));
        next.Write(start);
        spool.Position = 0;
        spool.CopyTo(next, BufferLength);
        next.Write(after);
        next.Write(trailer);
    }

    private byte[] SignatureOf(byte[] start, FileStream spool, byte[] after)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        spool.Position = 0;
        var buffer = new byte[BufferLength];
        for (int read; (read = spool.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        hash.AppendData(after);
        var signature = new AsnWriter(AsnEncodingRules.DER);
        signature.WriteBitString(authority.SignHash(hash.GetHashAndReset()));
        return [.. CrlHeader.Algorithm(), .. signature.Encode()];
    }

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.ReadWrite,
        BufferSize = BufferLength,
        UnixCreateMode = PrivateFile.Mode,
    });
}
