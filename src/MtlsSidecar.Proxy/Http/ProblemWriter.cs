using Microsoft.AspNetCore.Http;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Answers with an error of our own as <c>application/problem+json</c> (RFC 9457). What it says is the reason and nothing else: never
/// an exception's message, a policy's name or an address.
/// </summary>
internal static class ProblemWriter
{
    /// <summary>
    /// Writes the answer. A response that has already begun can't become an error any more: it is broken off, so that the caller
    /// sees a failure and not a short success.
    /// </summary>
    /// <param name="context">The request to answer.</param>
    /// <param name="reason">Why.</param>
    /// <param name="rejectionReason">Why an upstream's certificate was refused, if that is the reason.</param>
    public static Task WriteAsync(HttpContext context, ProblemReason reason, RejectionReason? rejectionReason = null)
        => WriteAsync(context, reason, rejectionReason, closeConnection: false);

    /// <summary>
    /// Writes the answer and, in HTTP/1, ends the connection: what follows on it can't be trusted to be the next request. HTTP/2 frames
    /// each request by itself, so its connection stays.
    /// </summary>
    public static Task WriteAndCloseAsync(HttpContext context, ProblemReason reason)
        => WriteAsync(context, reason, rejectionReason: null, closeConnection: true);

    private static async Task WriteAsync(HttpContext context, ProblemReason reason, RejectionReason? rejectionReason, bool closeConnection)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            context.Abort();
            return;
        }

        // Headers that a failed upstream left behind are not ours to send.
        response.Clear();
        response.StatusCode = reason.Status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (closeConnection && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        var body = rejectionReason is { } rejection ? reason.BodyWith(rejection) : reason.Body;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            // Without the request's token: when the caller is gone Kestrel drops what is written, and nothing need be caught here.
            await response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
