using Microsoft.Extensions.Hosting;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Reloads whatever has a changed file.</summary>
internal sealed class FileWatching(Reload reload, TimeProvider timeProvider) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<FileWatcher> _watchers = [];

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var reloadable in reload.Reloadables)
        {
            _watchers.Add(new FileWatcher(() => reloadable.Files, () => reload.RunAsync(reloadable, _stopping.Token), timeProvider));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        foreach (var watcher in _watchers)
        {
            await watcher.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();
}
