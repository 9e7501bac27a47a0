using System.Security.Cryptography;

namespace MtlsSidecar.Trust.Sources;

/// <summary>
/// What tells one version of a file from the next. Times and length alone would miss a file replaced by one of equal size that kept its
/// time stamp (archives and Kubernetes volumes do that), so small files are compared by content.
/// </summary>
internal readonly record struct FileStamp(bool Exists, long Length, DateTime Modified, DateTime Created, string? Hash)
{
    private const int HashedUpTo = 64 * 1024;

    /// <summary>Takes the stamp of what the path leads to now, through whatever symbolic links.</summary>
    public static FileStamp Of(string path) => Of(path, known: default);

    /// <summary>
    /// The same, without reading a file of which nothing but the content could have changed since an earlier stamp. It costs far less, and sees
    /// whatever moves a time stamp or the length.
    /// </summary>
    public static FileStamp Of(string path, FileStamp known)
    {
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            if (!file.Exists)
            {
                return default;
            }

            var stamp = new FileStamp(true, file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc, known.Hash);

            // A pipe has no length: to read it would take from whoever it is meant for, or wait for ever.
            if (stamp.Length is 0 or > HashedUpTo)
            {
                return stamp with { Hash = null };
            }

            return known.Exists && stamp == known ? stamp : stamp with { Hash = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In the middle of a swap, or gone: a stamp of its own. The reload that follows reports what is really wrong.
            return default;
        }
    }
}
