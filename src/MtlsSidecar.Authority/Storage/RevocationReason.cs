namespace MtlsSidecar.Authority.Storage;

/// <summary>Why a certificate is revoked (<c>CRLReason</c>, RFC 5280 §5.3.1). The numbers are the standard's, the names too, but for case.</summary>
internal enum RevocationReason
{
    Unspecified = 0,
    KeyCompromise = 1,
    CACompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,

    /// <summary>Only until further notice: the one reason that can be taken back.</summary>
    CertificateHold = 6,

    /// <summary>Takes a hold back. Stands in delta CRLs only.</summary>
    RemoveFromCrl = 8,
    PrivilegeWithdrawn = 9,
    AACompromise = 10,
}
