using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Http;

/// <summary>An error answer of the sidecar itself. It stays on the request as a feature, so that the access log can say why.</summary>
/// <param name="Reason">What the caller is told.</param>
internal sealed record Problem(ProblemReason Reason)
{
    /// <summary>Why an upstream's certificate was refused, if that is the reason; told to the caller, who is the local application.</summary>
    public RejectionReason? Rejection { get; init; }

    /// <summary>What exactly was wrong, for our log. Never told to the caller.</summary>
    public string? Detail { get; init; }

    /// <summary>
    /// Whether the connection ends with the answer because what follows on it can't be trusted to be the next request. HTTP/1 only:
    /// HTTP/2 frames each request by itself, so its connection stays.
    /// </summary>
    public bool ClosesConnection { get; init; }
}
