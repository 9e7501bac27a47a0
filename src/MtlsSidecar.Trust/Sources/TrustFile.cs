using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources;

/// <summary>Reads the small files that trust is made of.</summary>
internal static class TrustFile
{
    private const int MaxLength = 4 * 1024 * 1024;

    /// <summary>Reads a text file of bounded size.</summary>
    /// <exception cref="TrustMaterialException">The file is missing, unreadable or absurdly large.</exception>
    public static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > MaxLength }
                ? throw new TrustMaterialException($"{path} is larger than {MaxLength} bytes")
                : File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TrustMaterialException($"{path} can't be read: {exception.Message}", exception);
        }
    }
}
