namespace MtlsSidecar.Trust.Revocation;

/// <summary>One source's answer about one certificate.</summary>
/// <param name="Status">What is known.</param>
/// <param name="Detail">Where the answer comes from, or why there is none, in one sentence.</param>
/// <param name="ValidUntil">When the answer ends; meaningless for <see cref="RevocationStatus.Unknown"/>.</param>
public sealed record RevocationAnswer(RevocationStatus Status, string Detail, DateTimeOffset ValidUntil)
{
    /// <summary>The section by which it was found, for whoever is refused for it. Default: that of CRLs.</summary>
    public string Rule { get; init; } = "RFC 5280 §6.3";

    /// <summary>
    /// For <see cref="RevocationStatus.Unknown"/>: when this source wants to be asked again although another one knew. Default never.
    /// </summary>
    public DateTimeOffset AskAgainAt { get; init; } = DateTimeOffset.MaxValue;
}
