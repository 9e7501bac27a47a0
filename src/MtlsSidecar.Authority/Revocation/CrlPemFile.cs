using System.Buffers.Text;
using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation;

/// <summary>Writes published CRLs as PEM (RFC 7468 §6), block by block, so that a large one costs no memory.</summary>
internal static class CrlPemFile
{
    private const int LineCharacters = 64;
    private const int LineOctets = LineCharacters / 4 * 3;

    private const int LinesAtOnce = 1024;

    /// <summary>Writes all CRLs to a file, which appears whole or not at all, or to standard output.</summary>
    public static async Task WriteAsync(IEnumerable<string> crlFiles, FileInfo? output)
    {
        if (output is null)
        {
            await using var console = Console.OpenStandardOutput();
            WriteAll(crlFiles, console);
            return;
        }

        var next = output.FullName + ".new";
        try
        {
            await using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = PrivateFile.PublicMode }))
            {
                WriteAll(crlFiles, file);
                file.Flush(flushToDisk: true);
            }

            File.Move(next, output.FullName, overwrite: true);
        }
        finally
        {
            File.Delete(next);
        }
    }

    private static void WriteAll(IEnumerable<string> crlFiles, Stream output)
    {
        foreach (var path in crlFiles)
        {
            using var crl = File.OpenRead(path);
            output.Write("-----BEGIN X509 CRL-----\n"u8);
            WriteBase64(crl, output);
            output.Write("-----END X509 CRL-----\n"u8);
        }
    }

    private static void WriteBase64(FileStream crl, Stream output)
    {
        var octets = new byte[LineOctets * LinesAtOnce];
        var text = new byte[(LineCharacters + 1) * LinesAtOnce];
        for (int read; (read = crl.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false)) > 0;)
        {
            var length = 0;
            for (var line = 0; line < read; line += LineOctets)
            {
                Base64.EncodeToUtf8(octets.AsSpan(line, Math.Min(LineOctets, read - line)), text.AsSpan(length), out _, out var written);
                length += written;
                text[length++] = (byte)'\n';
            }

            output.Write(text, 0, length);
        }
    }
}
