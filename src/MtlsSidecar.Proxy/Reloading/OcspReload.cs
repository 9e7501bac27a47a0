using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Revocation.Ocsp;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>What responders said, which keeps itself current; an operator's reload asks for all certificates in use at once.</summary>
internal sealed class OcspReload : IReloadable
{
    private readonly OcspStore _store;

    /// <param name="store">Whose changes concern open connections.</param>
    /// <param name="revalidation">Judges open connections again after a change.</param>
    public OcspReload(OcspStore store, ConnectionRevalidation revalidation)
    {
        _store = store;
        store.Changed += change => revalidation.Review(connections => connections.Of(change.Certificate));
    }

    /// <inheritdoc/>
    public string What => "ocsp";

    /// <inheritdoc/>
    public IEnumerable<string> Files => [];

    /// <summary>What can't be asked is logged by itself; the last good answer counts until its end.</summary>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        await _store.RefreshAllAsync().WaitAsync(cancellationToken);
        return [];
    }
}
