namespace MtlsSidecar.Trust.Sources;

/// <summary>
/// Calls back when any of some files changes. Polls, because inotify doesn't see the swap of a parent symbolic link by which Kubernetes
/// replaces mounted files, nor changes on network volumes. All files are looked at by one timer, times and lengths ten times a second and the
/// content once: each timer of its own would wake an idle process ten times a second more.
/// </summary>
public sealed class FileWatcher : IAsyncDisposable
{
    private const int LooksAtContentEvery = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly IReadOnlyList<WatchedFiles> _watched;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    /// <summary>Starts watching.</summary>
    /// <param name="watched">The files, in sets: one that takes long to look at or to act on doesn't hold up the others.</param>
    /// <param name="timeProvider">The clock that paces the looks.</param>
    public FileWatcher(IReadOnlyList<WatchedFiles> watched, TimeProvider timeProvider)
    {
        _watched = watched;
        _loop = WatchAsync(new PeriodicTimer(Interval, timeProvider));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task WatchAsync(PeriodicTimer timer)
    {
        using (timer)
        {
            try
            {
                for (var look = 1; await timer.WaitForNextTickAsync(_stopping.Token); look++)
                {
                    foreach (var files in _watched)
                    {
                        files.BeginLook(atContent: look % LooksAtContentEvery == 0);
                    }
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Disposed.
            }
        }

        // What is cancelled with the process, or failed in it, has nobody left to tell.
        await Task.WhenAll(_watched.Select(files => files.UnderWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
