namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>What a responder made of a request (<c>OCSPResponseStatus</c>, RFC 6960 §4.2.1). The numbers are the standard's. None but the first is signed.</summary>
internal enum OcspResponseStatus
{
    Successful = 0,
    MalformedRequest = 1,
    InternalError = 2,
    TryLater = 3,
    SigRequired = 5,
    Unauthorized = 6,
}
