namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>Files that hold keys: readable by their owner alone from the moment they exist, and replaced in one step.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes a directory for its owner alone. One that is there stays as it is: an operator, or a volume, made it so.</summary>
    /// <exception cref="IOException">It can't be made.</exception>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Writes a file beside its place and moves it there.</summary>
    /// <exception cref="IOException">It could not be written; what was there is there still.</exception>
    public static void Write(string path, string text)
    {
        var temporary = path + ".tmp";

        // A left-over of a crash, or a file laid there to be read later: never written into.
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(temporary, options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(text));

            // Without this a power cut may leave a moved but empty file.
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
