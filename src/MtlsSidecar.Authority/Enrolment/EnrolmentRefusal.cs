namespace MtlsSidecar.Authority.Enrolment;

/// <summary>
/// Why a certificate was not issued. The names are API: they appear in answers, audit lines and metrics.
/// </summary>
internal enum EnrolmentRefusal
{
    /// <summary>The request is no PKCS#10, its signature doesn't hold, or its key is too weak.</summary>
    BadRequest,

    /// <summary>The request asks for a certification authority's certificate.</summary>
    AuthorityRequested,

    /// <summary>The request asks for names that the token or the old certificate doesn't give.</summary>
    ForeignNames,

    /// <summary>There is no token, or none that was made here.</summary>
    UnknownToken,

    /// <summary>The token's time is over.</summary>
    ExpiredToken,

    /// <summary>The token has been used as often as it may be.</summary>
    UsedToken,

    /// <summary>The old certificate was refused: expired, revoked, of another authority.</summary>
    CertificateRejected,

    /// <summary>The request is larger than any that makes sense; the answer says <c>too_large</c>.</summary>
    TooLarge,

    /// <summary>
    /// Nobody gets a certificate now: the clock is behind, the issuing authority is revoked or has ended, the disk is full; the answer says
    /// <c>unavailable</c>.
    /// </summary>
    Unavailable,
}
