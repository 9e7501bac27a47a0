namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Why a certificate is revoked (<c>CRLReason</c>, RFC 5280 §5.3.1). The numbers are the standard's, the names too, but for case.</summary>
public enum CrlReason : byte
{
    /// <summary>None was given.</summary>
    Unspecified = 0,

    /// <summary>Somebody else may have the certificate's key.</summary>
    KeyCompromise = 1,

    /// <summary>Somebody else may have the key of the authority that the certificate is for.</summary>
    CACompromise = 2,

    /// <summary>What the certificate says of its subject no longer holds.</summary>
    AffiliationChanged = 3,

    /// <summary>Another certificate took its place.</summary>
    Superseded = 4,

    /// <summary>It is no longer needed.</summary>
    CessationOfOperation = 5,

    /// <summary>Only until further notice: the one reason that can be taken back.</summary>
    CertificateHold = 6,

    /// <summary>Takes a hold back. Stands in delta CRLs only.</summary>
    RemoveFromCrl = 8,

    /// <summary>A right that it stands for was taken away.</summary>
    PrivilegeWithdrawn = 9,

    /// <summary>Somebody else may have the key of the attribute authority that the certificate is for.</summary>
    AACompromise = 10,
}
