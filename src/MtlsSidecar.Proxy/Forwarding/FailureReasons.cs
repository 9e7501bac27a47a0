using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>The words of one direction for what can go wrong while forwarding.</summary>
/// <param name="Unreachable">No connection.</param>
/// <param name="Reset">The connection broke off.</param>
/// <param name="TimedOut">No answer in time.</param>
/// <param name="NoneHealthy">Nowhere to forward to.</param>
internal sealed record FailureReasons(ProblemReason Unreachable, ProblemReason Reset, ProblemReason TimedOut, ProblemReason NoneHealthy);
