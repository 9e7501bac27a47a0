using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Telemetry;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>OCSP over HTTP (RFC 6960 appendix A): <c>POST /ocsp</c>, and <c>GET /ocsp/{request}</c>, whose answers caches may keep.</summary>
internal sealed class OcspEndpoint(OcspResponder responder, AuthorityMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>Where the responder is.</summary>
    public const string Path = "/ocsp";

    private const string RequestType = "application/ocsp-request";
    private const string ResponseType = "application/ocsp-response";

    /// <summary>Base64 of the largest request, percent-encoded throughout.</summary>
    private const int MaxTargetLength = OcspRequest.MaxLength * 4;

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        switch (context.Request.Method)
        {
            case "POST" when !string.Equals(context.Request.ContentType, RequestType, StringComparison.OrdinalIgnoreCase):
                await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type");
                break;
            case "POST" when await RequestBody.ReadAsync(context, OcspRequest.MaxLength) is { } body:
                await WriteAsync(context, responder.Answer(body));
                break;
            case "POST":
                await Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too_large");
                break;
            case "GET" or "HEAD":
                await WriteAsync(context, responder.Answer(ReadTarget(context)));
                break;
            default:
                await Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed");
                break;
        }
    }

    /// <summary>
    /// The request out of the target as sent: base64 has slashes, plain or encoded, and a path that somebody has tidied up is no base64 any
    /// more. Empty, and so malformed, when it is none.
    /// </summary>
    private static byte[] ReadTarget(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var start = target.IndexOf(Path + "/", StringComparison.Ordinal);
        if (start < 0 || target.Length > MaxTargetLength)
        {
            return [];
        }

        var text = Uri.UnescapeDataString(target[(start + Path.Length + 1)..]);
        var request = new byte[text.Length];
        return Convert.TryFromBase64String(text, request, out var written) ? request[..written] : [];
    }

    private async Task WriteAsync(HttpContext context, OcspAnswer answer)
    {
        metrics.OcspAnswered(answer.Name);
        var response = context.Response;
        response.ContentType = ResponseType;
        response.ContentLength = answer.Encoded.Length;
        var now = timeProvider.GetUtcNow();
        if (answer.Status == OcspResponseStatus.Successful && answer.NextUpdate > now && !HttpMethods.IsPost(context.Request.Method))
        {
            // RFC 5019 §6.2.
            var seconds = (long)(answer.NextUpdate - now).TotalSeconds;
            response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={seconds}, no-transform, must-revalidate");
            var headers = response.GetTypedHeaders();
            headers.LastModified = answer.ThisUpdate;
            headers.Expires = answer.NextUpdate;
        }
        else
        {
            response.Headers.CacheControl = "no-store";
        }

        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(answer.Encoded, context.RequestAborted);
        }
    }
}
