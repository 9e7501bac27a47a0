using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>Which refusals cut a connection that is already open.</summary>
/// <param name="StaleCutsConnections">Whether a revocation status that became unknown, a CRL past its nextUpdate say, does.</param>
internal sealed record RevalidationPolicy(bool StaleCutsConnections)
{
    /// <summary>A verdict that holds for a moment only, or for none at all, must not be asked for every second, by thousands of connections.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The same where doubt cuts, for a verdict whose predecessor had ended. One ends soon after the other where sources answer for a second
    /// or two at a time: to come back at every end would have them asked, and paths searched, every second by each connection.
    /// </summary>
    public static TimeSpan PauseWhereDoubtCuts { get; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// When an accepted peer is judged again. Where doubt cuts, the moment that its verdict ends, however soon that is: a CRL that grows stale
    /// right after its change was reviewed must not have a pause as well.
    /// </summary>
    /// <param name="validUntilBefore">When the verdict ended, or would have ended, that is being replaced.</param>
    /// <param name="validUntil">When the new one ends.</param>
    /// <param name="now">The time of the review.</param>
    public DateTimeOffset NextReview(DateTimeOffset validUntilBefore, DateTimeOffset validUntil, DateTimeOffset now)
    {
        var pause = !StaleCutsConnections ? Pause
            : validUntil <= now || validUntilBefore <= now ? PauseWhereDoubtCuts
            : TimeSpan.Zero;
        return validUntil > now + pause ? validUntil : now + pause;
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
