namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Why a certificate is on a CRL (<c>CRLReason</c>, RFC 5280 §5.3.1). The numbers are the standard's.</summary>
internal enum CrlReason : byte
{
    Unspecified = 0,
    KeyCompromise = 1,
    CACompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    RemoveFromCrl = 8,
    PrivilegeWithdrawn = 9,
    AACompromise = 10,
}
