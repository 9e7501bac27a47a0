using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Validation;

/// <summary>The answer of <c>POST /v1/validations</c>.</summary>
/// <param name="Verdict"><c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Reason">The <see cref="RejectionReason"/>; null when accepted.</param>
/// <param name="ValidUntil">How long the verdict may be used; for a rejection, the moment of the answer: ask again.</param>
internal sealed record ValidationAnswer(string Verdict, string? Reason, DateTimeOffset ValidUntil)
{
    /// <summary>The answer to a verdict.</summary>
    public static ValidationAnswer From(PeerValidation validation, DateTimeOffset now) => validation switch
    {
        PeerValidation.Accepted { Peer.ValidUntil: var validUntil } => new ValidationAnswer("accepted", null, validUntil),
        PeerValidation.Rejected { Rejection.Reason: var reason } => Rejected(reason, now),
        _ => Rejected(RejectionReason.ValidatorUnavailable, now),
    };

    /// <summary>A rejection.</summary>
    public static ValidationAnswer Rejected(RejectionReason reason, DateTimeOffset now) => new("rejected", reason.ToString(), now);
}
