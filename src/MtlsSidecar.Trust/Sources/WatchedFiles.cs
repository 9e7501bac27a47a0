namespace MtlsSidecar.Trust.Sources;

/// <summary>Files that are read together, and what is to be done when any of them changes.</summary>
/// <param name="paths">The files, asked for anew at every look.</param>
/// <param name="changed">Called after a change has settled, never twice at once. Tells of its failures itself.</param>
public sealed class WatchedFiles(Func<IEnumerable<string>> paths, Func<Task> changed)
{
    private Dictionary<string, FileStamp> _acted = [];
    private Dictionary<string, FileStamp> _before = [];

    /// <summary>The last look and what it has caused; completed when nothing is under way.</summary>
    internal Task UnderWay { get; private set; } = Task.CompletedTask;

    /// <summary>Takes note of the files as they are: what was read at the start is no change.</summary>
    internal void Begin() => _acted = _before = Look(known: []);

    /// <summary>
    /// Begins a look at the files, unless the last one or what it caused is still under way. On a thread of its own: a network volume may keep a
    /// look waiting, and a large CRL its reader. One that fails is followed by the next.
    /// </summary>
    /// <param name="atContent">Whether at their content too, not only at times and lengths.</param>
    internal void BeginLook(bool atContent)
    {
        if (UnderWay.IsCompleted)
        {
            UnderWay = Task.Run(() => LookAsync(atContent));
        }
    }

    private async Task LookAsync(bool atContent)
    {
        // Acting only on what two looks in a row agree upon gives a writer of several files, or of a long one, time to finish.
        var now = Look(known: atContent ? [] : _before);
        var hasSettled = Same(now, _before) && !Same(now, _acted);
        _before = now;
        if (hasSettled)
        {
            _acted = now;
            await changed();
        }
    }

    private Dictionary<string, FileStamp> Look(Dictionary<string, FileStamp> known)
        => paths().Distinct().ToDictionary(path => path, path => FileStamp.Of(path, known.GetValueOrDefault(path)));

    private static bool Same(Dictionary<string, FileStamp> left, Dictionary<string, FileStamp> right)
        => left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var stamp) && stamp == pair.Value);
}
