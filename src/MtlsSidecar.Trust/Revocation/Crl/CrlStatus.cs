namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>One CRL for people and metrics (<c>/status</c>). A source that gave nothing yet has an error and no issuer.</summary>
/// <param name="Source">The file or URL that it comes from.</param>
/// <param name="Issuer">The issuer's distinguished name.</param>
/// <param name="Number">The CRL number in decimal; null when it has none.</param>
/// <param name="IsDelta">Whether it is a delta CRL.</param>
/// <param name="ThisUpdate">When it was issued.</param>
/// <param name="NextUpdate">When the next one is due.</param>
/// <param name="Entries">How many certificates it names.</param>
/// <param name="LastError">Why the last attempt to refresh the source failed, or what is wrong with the CRL now: a foreign signature, stale; null when nothing is.</param>
public sealed record CrlStatus(
    string Source,
    string? Issuer,
    string? Number,
    bool IsDelta,
    DateTimeOffset? ThisUpdate,
    DateTimeOffset? NextUpdate,
    int Entries,
    string? LastError);
