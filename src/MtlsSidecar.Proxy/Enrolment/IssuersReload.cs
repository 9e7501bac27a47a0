using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Proxy.Enrolment;

/// <summary>The authorities that the EST server names; one that it can't be asked for leaves those that are known.</summary>
internal sealed class IssuersReload(EstEnrolment enrolment) : IReloadable
{
    /// <inheritdoc/>
    public string What => "issuers";

    /// <inheritdoc/>
    public IEnumerable<string> Files => [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        => await enrolment.RefreshIssuersAsync(cancellationToken) is { } error ? [error] : [];
}
