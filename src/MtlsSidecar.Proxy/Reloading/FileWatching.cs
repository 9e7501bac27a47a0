using Microsoft.Extensions.Hosting;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Reloads whatever has a changed file.</summary>
internal sealed class FileWatching(Reload reload, CrlFiles crlFiles, CrlFetcher crlFetcher, TimeProvider timeProvider) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<FileWatcher> _watchers = [];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the first listener opens. A bad file is logged and shown; until it is replaced the unknown policy decides.
        await crlFiles.ReloadAsync(cancellationToken);
        _ = crlFetcher.Start();
        foreach (var reloadable in reload.Reloadables)
        {
            _watchers.Add(new FileWatcher(() => reloadable.Files, () => reload.RunAsync(reloadable, _stopping.Token), timeProvider));
        }
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
