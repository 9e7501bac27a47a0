namespace MtlsSidecar.Trust.Sources;

/// <summary>
/// What some files were like at one moment. Whoever reads files that are watched later takes their stamps first: what is replaced from then on,
/// while they are read or before the watch begins, differs from what was read and is noticed at the first look.
/// </summary>
public sealed class FileStamps
{
    private readonly Dictionary<string, FileStamp> _stamps;

    private FileStamps(Dictionary<string, FileStamp> stamps) => _stamps = stamps;

    /// <summary>Takes the stamps of the files as they are now, their content included.</summary>
    public static FileStamps Of(IEnumerable<string> paths) => Of(paths, known: null);

    /// <summary>The same, without reading files of which nothing but the content could have changed since earlier stamps.</summary>
    internal static FileStamps Of(IEnumerable<string> paths, FileStamps? known)
        => new(paths.Distinct().ToDictionary(path => path, path => FileStamp.Of(path, known?._stamps.GetValueOrDefault(path) ?? default)));

    /// <summary>Whether they are of the same files, and these as they were.</summary>
    internal bool IsSameAs(FileStamps other)
        => _stamps.Count == other._stamps.Count && _stamps.All(pair => other._stamps.TryGetValue(pair.Key, out var stamp) && stamp == pair.Value);
}
