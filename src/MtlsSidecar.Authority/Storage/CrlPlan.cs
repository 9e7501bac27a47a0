namespace MtlsSidecar.Authority.Storage;

/// <summary>What is to be signed: a full CRL, and with the same number a delta CRL against its base.</summary>
/// <param name="Next">The full CRL.</param>
/// <param name="Base">The scheduled CRL to which the delta refers; the full CRL itself when there is none yet.</param>
/// <param name="ListedUntil">
/// Revoked certificates that expired before this time are left out: they have stood on a scheduled CRL issued after they expired
/// (RFC 5280 §3.3).
/// </param>
internal sealed record CrlPlan(CrlRecord Next, CrlRecord Base, DateTimeOffset ListedUntil);
