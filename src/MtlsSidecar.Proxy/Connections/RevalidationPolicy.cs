using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>Which refusals cut a connection that is already open.</summary>
/// <param name="StaleCutsConnections">Whether a revocation status that became unknown, a CRL past its nextUpdate say, does.</param>
internal sealed record RevalidationPolicy(bool StaleCutsConnections)
{
    /// <summary>A verdict that holds for a moment only, or for none at all, must not be asked for every second, by thousands of connections.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// When an accepted peer is judged again. Where doubt cuts, the moment that its verdict ends, however soon that is: a CRL that grows stale
    /// right after a review must not have the pause as well.
    /// </summary>
    public DateTimeOffset NextReview(DateTimeOffset validUntil, DateTimeOffset now)
    {
        var isWorthWaitingFor = StaleCutsConnections ? validUntil > now : validUntil > now + Pause;
        return isWorthWaitingFor ? validUntil : now + Pause;
    }

    /// <summary>
    /// Whether a connection stays open in spite of the refusal: nothing new is known against its peer, there is only nobody to vouch for it.
    /// New handshakes are refused all the same. A defect of ours is no such refusal: what it hides may be anything, so it closes.
    /// </summary>
    public bool KeepsOpen(PeerRejection rejection) => rejection.Reason switch
    {
        RejectionReason.RevocationUnknown => !StaleCutsConnections,
        _ => rejection.Reason.IsUndecided() && !rejection.IsDefect,
    };
}
