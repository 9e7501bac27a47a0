using Microsoft.Extensions.Hosting;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>Reloads whatever has a changed file.</summary>
internal sealed class FileWatching(Reload reload, CrlFiles crlFiles, CrlFetcher crlFetcher, TimeProvider timeProvider) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private FileWatcher? _watcher;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // First of all, as it takes stamps of the CRL files: what replaces one of them while they are read is a change.
        List<WatchedFiles> watched =
        [
            .. reload.Reloadables.Select(reloadable => new WatchedFiles(
                () => reloadable.Files, () => reload.RunAsync(reloadable, _stopping.Token), reloadable.AsRead)),
        ];

        // Before the first listener opens. A bad file is logged and shown; until it is replaced the unknown policy decides.
        await crlFiles.ReloadAsync(cancellationToken);
        _ = crlFetcher.Start();
        _watcher = new FileWatcher(watched, timeProvider);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        if (_watcher is not null)
        {
            await _watcher.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();
}
