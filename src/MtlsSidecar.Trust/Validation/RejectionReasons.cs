namespace MtlsSidecar.Trust.Validation;

/// <summary>What refusals have in common.</summary>
public static class RejectionReasons
{
    /// <summary>
    /// Whether a refusal only says that nobody could be asked. Such a one never stands in the way of a refusal that knows something: who
    /// silences a CRL server, a responder or the authority must not thereby hide that a certificate is revoked.
    /// </summary>
    public static bool IsUndecided(this RejectionReason reason)
        => reason is RejectionReason.RevocationUnknown or RejectionReason.ValidatorUnavailable or RejectionReason.DeadlineExceeded;

    /// <summary>The refusal that counts of two: the first, unless only the second knows something.</summary>
    public static PeerRejection Outrank(PeerRejection? first, PeerRejection second)
    {
        ArgumentNullException.ThrowIfNull(second);
        return first is null || (first.Reason.IsUndecided() && !second.Reason.IsUndecided()) ? second : first;
    }
}
