using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Proxy.Enrolment;

/// <summary>The authorities that the EST server names; one that it can't be asked for leaves those that are known.</summary>
internal sealed class IssuersReload : IReloadable
{
    private readonly EstEnrolment _enrolment;

    /// <param name="enrolment">Asks the server.</param>
    /// <param name="svid">Keeps the answer.</param>
    /// <param name="revalidation">
    /// Judges open connections again after a change: a CRL by an authority's new key counted for nothing before its certificate was known, and
    /// no other event tells that it does now. All of them, as an authority's change is rare and an indirect CRL may list anybody.
    /// </param>
    public IssuersReload(EstEnrolment enrolment, EstSvidSource svid, ConnectionRevalidation revalidation)
    {
        _enrolment = enrolment;
        svid.IssuersChanged += revalidation.ReviewAll;
    }

    /// <inheritdoc/>
    public string What => "issuers";

    /// <inheritdoc/>
    public IEnumerable<string> Files => [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        => await _enrolment.RefreshIssuersAsync(cancellationToken) is { } error ? [error] : [];
}
