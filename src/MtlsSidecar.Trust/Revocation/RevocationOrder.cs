namespace MtlsSidecar.Trust.Revocation;

/// <summary>Which is asked first, and which only when the first doesn't know. A certificate that CRLs in memory revoke is revoked in either order.</summary>
public enum RevocationOrder
{
    /// <summary>
    /// The responder, then CRLs: the freshest answer. The default. Nobody is asked for a certificate that a CRL in memory revokes.
    /// </summary>
    OcspFirst,

    /// <summary>CRLs, distribution points included, then the responder: the fewest requests. What only a responder knows of is not seen where a CRL answers.</summary>
    CrlFirst,
}
