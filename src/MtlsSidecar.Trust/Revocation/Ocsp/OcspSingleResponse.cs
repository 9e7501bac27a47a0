using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>What a response says of one certificate (<c>SingleResponse</c>, RFC 6960 §4.2.1).</summary>
/// <param name="CertId">Which certificate.</param>
/// <param name="Status">Its status; <see cref="RevocationStatus.Unknown"/> when the responder doesn't know it.</param>
/// <param name="Reason">Why it is revoked, in words; empty otherwise.</param>
/// <param name="ThisUpdate">From when the status is known to be right.</param>
/// <param name="NextUpdate">By when there will be newer information; null: at any time.</param>
internal sealed record OcspSingleResponse(OcspCertId CertId, RevocationStatus Status, string Reason, DateTimeOffset ThisUpdate, DateTimeOffset? NextUpdate)
{
    /// <summary>Whether the revocation may be taken back (RFC 5280 §5.3.1).</summary>
    public bool IsOnHold => Reason == nameof(CrlReason.CertificateHold);
}
