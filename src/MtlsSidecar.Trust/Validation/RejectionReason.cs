namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Why a peer was refused. The names are API: they appear unchanged in logs, metric tags, <c>/status</c> and command output.
/// </summary>
public enum RejectionReason
{
    /// <summary>The peer presented no certificate.</summary>
    NoCertificate,

    /// <summary>A certificate, CRL or OCSP response can't be read as the DER that its standard demands.</summary>
    Malformed,

    /// <summary>The validity period of a certificate in the path has not begun.</summary>
    NotYetValid,

    /// <summary>The validity period of a certificate in the path has ended.</summary>
    Expired,

    /// <summary>No path leads to a trust anchor of the peer's trust domain.</summary>
    UntrustedAnchor,

    /// <summary>A signature in the path doesn't verify under its issuer's key.</summary>
    BadSignature,

    /// <summary>The path is longer than a path length constraint or the configured depth allows.</summary>
    PathTooLong,

    /// <summary>An issuer in the path is not a certification authority (RFC 5280 §4.2.1.9, §4.2.1.3).</summary>
    NotAuthority,

    /// <summary>A name is outside the permitted or inside the excluded subtrees (RFC 5280 §4.2.1.10).</summary>
    NameConstraint,

    /// <summary>Certificate policy processing left no acceptable policy (RFC 5280 §6.1).</summary>
    PolicyConstraint,

    /// <summary>A critical extension is not understood (RFC 5280 §4.2).</summary>
    UnknownCriticalExtension,

    /// <summary>A key or signature algorithm is below the algorithm floor.</summary>
    WeakAlgorithm,

    /// <summary>Key usage or extended key usage doesn't allow the role that the peer plays.</summary>
    WrongKeyUsage,

    /// <summary>A certification authority's certificate was presented as a workload's.</summary>
    AuthorityAsLeaf,

    /// <summary>The certificate names no identity that counts: neither a valid SPIFFE ID nor a DNS name.</summary>
    IdentityMissing,

    /// <summary>The certificate has more than one URI name (SPIFFE X.509-SVID §2).</summary>
    IdentityAmbiguous,

    /// <summary>The peer is not who this side expects.</summary>
    IdentityMismatch,

    /// <summary>A certificate in the path is revoked.</summary>
    Revoked,

    /// <summary>No usable CRL or OCSP answer covers a certificate in the path.</summary>
    RevocationUnknown,

    /// <summary>The certification authority's server refused the peer.</summary>
    AuthorityRejected,

    /// <summary>A configured validator could not be asked.</summary>
    ValidatorUnavailable,

    /// <summary>The verdict was not reached within the handshake's deadline.</summary>
    DeadlineExceeded,
}
