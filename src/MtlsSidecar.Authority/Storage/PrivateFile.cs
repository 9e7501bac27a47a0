using System.Text;

namespace MtlsSidecar.Authority.Storage;

/// <summary>Files that only their owner may read, and files that appear whole or not at all.</summary>
internal static class PrivateFile
{
    /// <summary>rw for the owner.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>rw for the owner, r for everybody.</summary>
    public const UnixFileMode PublicMode = Mode | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes a secret to a file that must not exist: a key is never overwritten, since what it signed can't be signed again.</summary>
    /// <exception cref="IOException">It exists, or can't be written.</exception>
    public static void WriteNew(string path, string text)
    {
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Mode });
        file.Write(Encoding.ASCII.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    /// <summary>Puts a file in place of another in one step: whoever reads sees the old or the new one, and a crash leaves the old one.</summary>
    public static void Replace(string path, string text, UnixFileMode mode)
    {
        var next = path + ".new";
        File.Delete(next);
        using (var file = new FileStream(next, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
