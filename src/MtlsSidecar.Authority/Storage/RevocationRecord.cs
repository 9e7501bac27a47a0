using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage;

/// <summary>That a certificate is revoked.</summary>
/// <param name="RevokedAt">Since when.</param>
/// <param name="Reason">Why.</param>
internal sealed record RevocationRecord(DateTimeOffset RevokedAt, CrlReason Reason);
