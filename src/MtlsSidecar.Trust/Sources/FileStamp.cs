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
    public static FileStamp Of(string path)
    {
        try
        {
            var file = new FileInfo(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            if (!file.Exists)
            {
                return default;
            }

            var hash = file.Length <= HashedUpTo ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))) : null;
            return new FileStamp(true, file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc, hash);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // In the middle of a swap, or gone: a stamp of its own. The reload that follows reports what is really wrong.
            return default;
        }
    }
}
