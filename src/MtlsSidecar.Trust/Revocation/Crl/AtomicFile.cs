namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Writes files so that a reader, or the next process after a crash, sees the old content or the new one and nothing between.</summary>
internal static class AtomicFile
{
    /// <exception cref="IOException">The file could not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(content);

            // Without this a power cut may leave a renamed but empty file.
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
