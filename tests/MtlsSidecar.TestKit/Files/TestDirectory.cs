namespace MtlsSidecar.TestKit.Files;

/// <summary>A directory of a test's own under the system's temporary directory, removed with everything in it at the end.</summary>
public sealed class TestDirectory : IDisposable
{
    public TestDirectory()
    {
        Path = Directory.CreateTempSubdirectory("mtls-sidecar-test-").FullName;
    }

    public string Path { get; }

    /// <summary>The full path of a file or directory in here.</summary>
    public string this[string relativePath] => System.IO.Path.Combine(Path, relativePath);

    /// <summary>Writes a file, its directories too, and returns its full path.</summary>
    public string Write(string relativePath, string text)
    {
        var path = this[relativePath];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string relativePath, ReadOnlySpan<byte> bytes)
    {
        var path = this[relativePath];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>Makes a directory in here and returns its full path.</summary>
    public string CreateDirectory(string relativePath) => Directory.CreateDirectory(this[relativePath]).FullName;

    public void Dispose()
    {
        if (Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
