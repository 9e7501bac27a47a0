using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>The configured CRL files.</summary>
internal sealed class CrlReload : IReloadable
{
    private readonly CrlFiles _files;

    /// <param name="files">Reads them into the store.</param>
    /// <param name="store">Whose changes concern open connections, wherever they come from.</param>
    /// <param name="revalidation">Judges open connections again after a change.</param>
    public CrlReload(CrlFiles files, CrlStore store, ConnectionRevalidation revalidation)
    {
        _files = files;
        store.Changed += revalidation.Review;
    }

    /// <inheritdoc/>
    public string What => "crl";

    /// <inheritdoc/>
    public IEnumerable<string> Files => _files.Paths;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken) => _files.ReloadAsync(cancellationToken);
}
