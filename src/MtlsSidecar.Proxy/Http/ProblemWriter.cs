using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Answers with an error of our own as <c>application/problem+json</c> (RFC 9457). What it says is the reason and nothing else: never
/// an exception's message, a policy's name or an address.
/// </summary>
internal static class ProblemWriter
{
    /// <summary>Writes the answer for a reason that needs no more words.</summary>
    public static Task WriteAsync(HttpContext context, ProblemReason reason) => WriteAsync(context, new Problem(reason));

    /// <summary>Writes the answer and, in HTTP/1, ends the connection.</summary>
    public static Task WriteAndCloseAsync(HttpContext context, ProblemReason reason)
        => WriteAsync(context, new Problem(reason) { ClosesConnection = true });

    /// <summary>Gives no answer at all; log and metrics are told why, lest they show the 200 that every response begins with.</summary>
    public static void Cut(HttpContext context, ProblemReason reason)
    {
        context.Features.Set(new Problem(reason));
        context.Response.StatusCode = reason.Status;
        context.Abort();
    }

    /// <summary>
    /// Writes the answer. A response that has already begun can't become an error any more: it is broken off, so that the caller
    /// sees a failure and not a short success.
    /// </summary>
    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Features.Set(problem);
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        // Headers that a failed upstream left behind are not ours to send.
        response.Clear();
        response.StatusCode = problem.Reason.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (problem.ClosesConnection && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        var body = problem.Rejection is { } rejection ? problem.Reason.BodyWith(rejection) : problem.Reason.Body;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // Without the request's token: when the caller is gone Kestrel drops what is written, and nothing need be caught here.
            await response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
