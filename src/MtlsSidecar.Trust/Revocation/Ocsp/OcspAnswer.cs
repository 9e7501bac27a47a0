namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>What a verified response says of the certificate that was asked for.</summary>
/// <param name="Status">The status; <see cref="RevocationStatus.Unknown"/> when the responder doesn't know the certificate.</param>
/// <param name="Detail">The same in one sentence.</param>
/// <param name="ThisUpdate">From when it is known to be right; by this, answers are put in order.</param>
/// <param name="ValidUntil">The last moment at which it counts.</param>
internal sealed record OcspAnswer(RevocationStatus Status, string Detail, DateTimeOffset ThisUpdate, DateTimeOffset ValidUntil)
{
    /// <summary>The section by which it decides.</summary>
    public const string Rule = "RFC 6960 §3.2";

    /// <summary>
    /// Whether the certificate is revoked for good, not on hold. It was true once and stays true, so it counts beyond its end: else whoever
    /// holds a revoked key needs only to keep the responder from answering until then, and an older CRL would admit him.
    /// </summary>
    public bool IsFinal { get; init; }

    /// <summary>Whether it still counts.</summary>
    public bool IsUsable(DateTimeOffset at) => IsFinal || at <= ValidUntil;

    /// <summary>The answer to a question about revocation.</summary>
    /// <param name="until">Until when it may be relied upon without asking again.</param>
    public RevocationAnswer ToRevocationAnswer(DateTimeOffset until) => new(Status, Detail, IsFinal || until < ValidUntil ? until : ValidUntil) { Rule = Rule };
}
