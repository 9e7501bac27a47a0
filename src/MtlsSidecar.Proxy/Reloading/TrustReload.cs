using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>The trust bundles.</summary>
internal sealed class TrustReload : IReloadable
{
    private readonly FileTrustBundleSource _trust;

    /// <param name="trust">The source that reads the bundles.</param>
    /// <param name="revalidation">Judges open connections again after a change.</param>
    public TrustReload(FileTrustBundleSource trust, ConnectionRevalidation revalidation)
    {
        _trust = trust;
        trust.Changed += change => revalidation.Review(connections => connections.OfTrustDomain(change.Concerns));
    }

    /// <inheritdoc/>
    public string What => "trust";

    /// <inheritdoc/>
    public IEnumerable<string> Files => _trust.Files;

    /// <inheritdoc/>
    public FileStamps? AsRead => _trust.AsRead;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<string>>(_trust.Reload() is { } error ? [error] : []);
}
