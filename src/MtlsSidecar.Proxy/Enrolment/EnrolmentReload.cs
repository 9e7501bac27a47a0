using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Sources.Est;

namespace MtlsSidecar.Proxy.Enrolment;

/// <summary>The own certificate where it comes by enrolment: reloading it is to renew it, on schedule or because an operator asks.</summary>
internal sealed class EnrolmentReload : IReloadable
{
    private readonly EstEnrolment _enrolment;

    /// <param name="enrolment">Makes the attempts.</param>
    /// <param name="svid">What they bring.</param>
    /// <param name="upstreams">Whose connections carry the old certificate after a renewal, and are retired.</param>
    public EnrolmentReload(EstEnrolment enrolment, EstSvidSource svid, Upstreams upstreams)
    {
        _enrolment = enrolment;
        svid.Rotated += upstreams.RetireConnections;
    }

    /// <inheritdoc/>
    public string What => "identity";

    /// <summary>None: a token that comes later is noticed by the schedule, and one that has served is of no further interest.</summary>
    public IEnumerable<string> Files => [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken)
        => await _enrolment.RenewAsync(cancellationToken) is { } error ? [error] : [];
}
