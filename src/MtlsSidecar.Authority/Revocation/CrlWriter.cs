using System.Formats.Asn1;
using System.Security.Cryptography;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>
/// Signs a CRL of any size in constant memory: its entries lie in a spool, are hashed and signed, and the whole is put together beside the
/// published CRL and moved over it in one step. Whatever fails before that step leaves the published one as it was.
/// </summary>
internal sealed class CrlWriter(SigningAuthority authority)
{
    /// <summary>Writes and signs a CRL and puts it in place of the file.</summary>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public void Write(string path, CrlHeader header, CrlSpool entries)
    {
        var nextPath = path + ".new";
        try
        {
            using (var next = new FileStream(nextPath, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = PrivateFile.Mode }))
            {
                Assemble(next, header, entries);
                next.Flush(flushToDisk: true);
            }

            File.Move(nextPath, path, overwrite: true);
        }
        finally
        {
            File.Delete(nextPath);
        }
    }

    private void Assemble(FileStream next, CrlHeader header, CrlSpool entries)
    {
        // No entries, no list of them (RFC 5280 §5.1.2.6).
        var length = entries.Length;
        var list = length == 0 ? [] : CrlEncoding.SequenceHeader(length);
        var before = header.FieldsBefore();
        var after = header.FieldsAfter();
        var contentLength = before.Length + list.Length + length + after.Length;
        byte[] start = [.. CrlEncoding.SequenceHeader(contentLength), .. before, .. list];

        var trailer = SignatureOf(start, entries, after);
        next.Write(CrlEncoding.SequenceHeader(start.Length + length + after.Length + trailer.Length));
        next.Write(start);
        entries.ReadAll(next.Write);
        next.Write(after);
        next.Write(trailer);
    }

    private byte[] SignatureOf(byte[] start, CrlSpool entries, byte[] after)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(start);
        entries.ReadAll(hash.AppendData);
        hash.AppendData(after);
        var signature = new AsnWriter(AsnEncodingRules.DER);
        signature.WriteBitString(authority.SignHash(hash.GetHashAndReset()));
        return [.. CrlHeader.Algorithm(), .. signature.Encode()];
    }
}
