namespace MtlsSidecar.Demo;

/// <summary>The demo's directory with keys, certificates and settings; readable by its user only, and gone at the end.</summary>
internal sealed class TemporaryDirectory : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mtls-sidecar-demo-");

    /// <summary>Its full path.</summary>
    public string Path => _directory.FullName;

    /// <summary>The full path of a directory in it, which is made if need be.</summary>
    public string Subdirectory(string name) => _directory.CreateSubdirectory(name).FullName;

    public ValueTask DisposeAsync()
    {
        _directory.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
