using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage;

/// <summary>An entry of a CRL or of its delta, as it streams out of the store.</summary>
/// <param name="Serial">Content octets.</param>
/// <param name="RevokedAt">When.</param>
/// <param name="Reason">Why; <see cref="CrlReason.RemoveFromCrl"/> for a hold that was taken back, which stands in a delta only.</param>
internal readonly record struct CrlEntry(byte[] Serial, DateTimeOffset RevokedAt, CrlReason Reason)
{
    /// <summary>Whether it changed since the base, and so belongs into the delta.</summary>
    public bool IsInDelta { get; init; }

    /// <summary>Whether it belongs into the full CRL.</summary>
    public bool IsInFull => Reason != CrlReason.RemoveFromCrl;
}
