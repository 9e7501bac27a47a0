namespace MtlsSidecar.Trust.Sources;

/// <summary>Files that are read together, and what is to be done when any of them changes.</summary>
public sealed class WatchedFiles
{
    private readonly Func<IEnumerable<string>> _paths;
    private readonly Func<Task> _changed;
    private FileStamps _acted;
    private FileStamps _before;

    /// <param name="paths">The files, asked for anew at every look.</param>
    /// <param name="changed">Called after a change has settled, never twice at once. Tells of its failures itself.</param>
    /// <param name="asRead">
    /// What the files were like before they were read. Null: as they are now, which misses what replaces a file that has been read already.
    /// </param>
    public WatchedFiles(Func<IEnumerable<string>> paths, Func<Task> changed, FileStamps? asRead = null)
    {
        ArgumentNullException.ThrowIfNull(paths);
        (_paths, _changed) = (paths, changed);
        _acted = _before = asRead ?? FileStamps.Of(paths());
    }

    /// <summary>The last look and what it has caused; completed when nothing is under way.</summary>
    internal Task UnderWay { get; private set; } = Task.CompletedTask;

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
        var now = FileStamps.Of(_paths(), known: atContent ? null : _before);
        var hasSettled = now.IsSameAs(_before) && !now.IsSameAs(_acted);
        _before = now;
        if (hasSettled)
        {
            _acted = now;
            await _changed();
        }
    }
}
