using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Reloading;

/// <summary>The own certificate and key.</summary>
internal sealed class IdentityReload : IReloadable
{
    private readonly FileSvidSource _svid;

    /// <param name="svid">The source that reads the pair.</param>
    /// <param name="upstreams">Whose connections carry the old certificate after a rotation, and are retired.</param>
    public IdentityReload(FileSvidSource svid, Upstreams upstreams)
    {
        _svid = svid;
        svid.Rotated += upstreams.RetireConnections;
    }

    /// <inheritdoc/>
    public string What => "identity";

    /// <inheritdoc/>
    public IEnumerable<string> Files => _svid.Files;

    /// <inheritdoc/>
    public FileStamps? AsRead => _svid.AsRead;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        => Task.FromResult<IReadOnlyList<string>>(_svid.Reload() is { } error ? [error] : []);
}
