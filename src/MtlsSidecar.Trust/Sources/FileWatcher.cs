namespace MtlsSidecar.Trust.Sources;

/// <summary>
/// Calls back when any of some files changes. Polls, because inotify doesn't see the swap of a parent symbolic link by which Kubernetes
/// replaces mounted files, nor changes on network volumes. It looks at time stamps ten times a second, which costs a thousandth of a core for a
/// handful of files, and at the content once a second, which would cost a hundredth at every look.
/// </summary>
public sealed class FileWatcher : IAsyncDisposable
{
    private const int LooksAtContentEvery = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly Func<IEnumerable<string>> _paths;
    private readonly Func<Task> _changed;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    /// <summary>Starts watching.</summary>
    /// <param name="paths">The files, asked for anew at every look.</param>
    /// <param name="changed">Called after a change has settled, never twice at once. Must not throw.</param>
    /// <param name="timeProvider">The clock that paces the looks.</param>
    public FileWatcher(Func<IEnumerable<string>> paths, Func<Task> changed, TimeProvider timeProvider)
    {
        _paths = paths;
        _changed = changed;
        var seen = Look(known: []);
        _loop = WatchAsync(seen, new PeriodicTimer(Interval, timeProvider));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private Dictionary<string, FileStamp> Look(Dictionary<string, FileStamp> known)
        => _paths().Distinct().ToDictionary(path => path, path => FileStamp.Of(path, known.GetValueOrDefault(path)));

    private async Task WatchAsync(Dictionary<string, FileStamp> acted, PeriodicTimer timer)
    {
        using (timer)
        {
            var before = acted;
            try
            {
                for (var look = 1; await timer.WaitForNextTickAsync(_stopping.Token); look++)
                {
                    // Acting only on what two looks in a row agree upon gives a writer of several files, or of a long one, time to finish.
                    var now = Look(look % LooksAtContentEvery == 0 ? [] : before);
                    if (Same(now, before) && !Same(now, acted))
                    {
                        acted = now;
                        await _changed();
                    }

                    before = now;
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Disposed.
            }
        }
    }

    private static bool Same(Dictionary<string, FileStamp> left, Dictionary<string, FileStamp> right)
        => left.Count == right.Count && left.All(pair => right.TryGetValue(pair.Key, out var stamp) && stamp == pair.Value);
}
