using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage;

/// <summary>An entry of a CRL, as it streams out of the store. The serial number's octets are valid until the next entry.</summary>
/// <param name="Serial">Content octets.</param>
/// <param name="RevokedAt">When.</param>
/// <param name="Reason">Why.</param>
internal readonly record struct CrlEntry(byte[] Serial, DateTimeOffset RevokedAt, CrlReason Reason);
