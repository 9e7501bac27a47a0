namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>The status of an OCSP response (RFC 6960 §4.2.1). The numbers are the standard's.</summary>
internal enum OcspResponseStatus
{
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,

    /// <summary>We can't speak with authority about that issuer (RFC 5019 §2.2.3).</summary>
    Unauthorized = 6,
}
