namespace MtlsSidecar.Trust.Validation;

/// <summary>A refusal that an operator can understand. It is never told to the peer.</summary>
/// <param name="Reason">The reason by its stable name.</param>
/// <param name="Detail">What was found and where, in one sentence. May quote the peer, so consumers bound its length.</param>
/// <param name="Rule">The rule that refused, such as <c>RFC 5280 §6.1.3(a)(2)</c>; null where none can be quoted.</param>
/// <param name="Certificate">Subject of the certificate that broke the rule; null when it is no single certificate.</param>
public sealed record PeerRejection(RejectionReason Reason, string Detail, string? Rule = null, string? Certificate = null);
