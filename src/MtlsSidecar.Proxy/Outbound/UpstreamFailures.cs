using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>Says what went wrong with an upstream in the stable reasons of problem+json.</summary>
internal static class UpstreamFailures
{
    /// <summary>Answers for a failed forwarding; does nothing for a good one or for a caller who left.</summary>
    public static Task AnswerAsync(HttpContext context, Exchange exchange)
    {
        if (context.GetForwarderErrorFeature() is not { } failure)
        {
            return Task.CompletedTask;
        }

        var rejection = PeerRefusedException.FindIn(failure.Exception);
        return rejection is not null
            ? ProblemWriter.WriteAsync(context, new Problem(ProblemReason.UpstreamCertificateRejected) { Rejection = rejection.Reason })
            : ForwardingFailures.AnswerAsync(context, exchange, failure, Reasons);
    }

    private static readonly FailureReasons Reasons = new(
        ProblemReason.UpstreamUnreachable, ProblemReason.UpstreamReset, ProblemReason.UpstreamTimeout, ProblemReason.NoHealthyDestination);
}
