namespace MtlsSidecar.TestKit.Files;

/// <summary>
/// A directory that is updated the way the kubelet updates a mounted secret: the visible files are links through <c>..data</c>,
/// which is itself a link to a dated directory; an update writes a new dated directory and renames a new link over
/// <c>..data</c>, so that all files change in one step and none of the visible links is touched.
/// </summary>
public sealed class ProjectedVolume
{
    private int _version;

    public ProjectedVolume(string path, IReadOnlyDictionary<string, string> files)
    {
        Path = Directory.CreateDirectory(path).FullName;
        Replace(files);
        foreach (var name in files.Keys)
        {
            File.CreateSymbolicLink(this[name], System.IO.Path.Combine("..data", name));
        }
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Swaps all files at once.</summary>
    public void Replace(IReadOnlyDictionary<string, string> files)
    {
        var version = $"..version_{++_version}";
        var old = new DirectoryInfo(this["..data"]).LinkTarget;
        Directory.CreateDirectory(this[version]);
        foreach (var (name, text) in files)
        {
            File.WriteAllText(System.IO.Path.Combine(this[version], name), text);
        }

        Directory.CreateSymbolicLink(this["..data_tmp"], version);
        AtomicRename.Over(this["..data_tmp"], this["..data"]);
        if (old is not null)
        {
            Directory.Delete(this[old], recursive: true);
        }
    }
}
