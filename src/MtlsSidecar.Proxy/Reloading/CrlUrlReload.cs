using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>The CRLs from URLs, which keep themselves current; an operator's reload asks for all of them at once.</summary>
internal sealed class CrlUrlReload(CrlFetcher fetcher) : IReloadable
{
    /// <inheritdoc/>
    public string What => "crl_urls";

    /// <inheritdoc/>
    public IEnumerable<string> Files => [];

    /// <summary>What can't be fetched is logged and shown by itself; the last good CRL stays in force.</summary>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
    {
        await fetcher.RefreshAllAsync().WaitAsync(cancellationToken);
        return [];
    }
}
