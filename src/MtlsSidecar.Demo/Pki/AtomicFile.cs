namespace MtlsSidecar.Demo.Pki;

/// <summary>Replaces files in one step: who reads meanwhile sees the old text or the new one, never half of either.</summary>
internal static class AtomicFile
{
    /// <summary>Writes beside the file, then renames over it.</summary>
    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        var next = path + ".next";
        await File.WriteAllTextAsync(next, text, cancellationToken);
        File.Move(next, path, overwrite: true);
    }
}
