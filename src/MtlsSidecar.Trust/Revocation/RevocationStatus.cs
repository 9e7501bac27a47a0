namespace MtlsSidecar.Trust.Revocation;

/// <summary>What is known of a certificate's revocation.</summary>
public enum RevocationStatus
{
    /// <summary>A usable CRL or OCSP answer covers the certificate and doesn't name it as revoked.</summary>
    Good,

    /// <summary>The certificate is revoked or on hold.</summary>
    Revoked,

    /// <summary>Nothing usable covers the certificate: missing, stale, unreadable, by a wrong key.</summary>
    Unknown,
}
