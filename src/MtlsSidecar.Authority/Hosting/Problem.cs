using System.Text.Json;
using System.Text.Json.Nodes;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Errors as <c>application/problem+json</c> (RFC 9457): a stable reason, never a detail of ours or of the request.</summary>
internal static class Problem
{
    /// <summary>Answers with an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The status code.</param>
    /// <param name="reason">The reason by its stable name.</param>
    public static async Task WriteAsync(HttpContext context, int status, string reason)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["type"] = "about:blank",
            ["title"] = Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
            ["status"] = status,
            ["reason"] = reason,
        });
        context.Response.Clear();
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"mtls-authority\", charset=\"UTF-8\"";
        }

        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, CancellationToken.None);
        }
    }
}
