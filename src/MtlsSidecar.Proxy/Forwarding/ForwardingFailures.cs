using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Http;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Turns YARP's account of a failure into an answer of ours, alike for both directions.</summary>
internal static class ForwardingFailures
{
    /// <summary>Answers; a response that has begun is broken off.</summary>
    public static Task AnswerAsync(HttpContext context, Exchange exchange, IForwarderErrorFeature failure, FailureReasons reasons)
    {
        if (AnswerStands(exchange, failure))
        {
            return Task.CompletedTask;
        }

        if (exchange.Timer.HasExpired)
        {
            return ProblemWriter.WriteAsync(context, reasons.TimedOut);
        }

        return failure.Error switch
        {
            ForwarderError.NoAvailableDestinations => ProblemWriter.WriteAsync(context, reasons.NoneHealthy),

            // The caller is gone, or broke off its own request: there is nobody to answer.
            ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
                or ForwarderError.UpgradeRequestCanceled or ForwarderError.UpgradeResponseCanceled => NoteAbandoned(context),
            ForwarderError.RequestBodyClient => ProblemWriter.WriteAsync(context, new Problem(ProblemReason.BadRequest) { ClosesConnection = true }),
            _ => ProblemWriter.WriteAsync(context, IsUnreachable(failure.Exception) ? reasons.Unreachable : reasons.Reset),
        };
    }

    /// <summary>Whether a failure left the answer whole; false where nothing failed.</summary>
    public static bool AnswerStands(HttpContext context)
        => context.GetForwarderErrorFeature() is { } failure && Exchange.Of(context) is { } exchange && AnswerStands(exchange, failure);

    /// <summary>
    /// A whole answer stands, though the request was not read to its end (RFC 9113 §8.1, RFC 9112 §9.3): breaking the response off would take
    /// from the caller what it needs to know, a refusal for instance. The server ends the request by itself.
    /// </summary>
    private static bool AnswerStands(Exchange exchange, IForwarderErrorFeature failure)
        => exchange.AnswerIsWhole
        && failure.Error is (ForwarderError.RequestBodyClient or ForwarderError.RequestBodyDestination or ForwarderError.RequestBodyCanceled);

    /// <summary>For log and metrics only, under the number that nginx made customary: YARP's 400 or 502 would blame somebody.</summary>
    private static Task NoteAbandoned(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }

        return Task.CompletedTask;
    }

    /// <summary>Whether no connection came about: name, address or handshake failed, or the connect deadline passed.</summary>
    public static bool IsUnreachable(Exception? exception) => exception switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => true,

        // ConnectTimeout surfaces as a cancellation caused by a time-out.
        OperationCanceledException { InnerException: TimeoutException } => true,
        _ => false,
    };
}
