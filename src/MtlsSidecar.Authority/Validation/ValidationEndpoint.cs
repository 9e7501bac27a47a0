using System.Text;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Validation;

/// <summary>
/// <c>POST /v1/validations</c>: a proxy sends its peer's chain, and the authority says whether it is authentic and not revoked, and for how
/// long that holds. Only holders of a certificate of ours may ask.
/// </summary>
internal sealed class ValidationEndpoint(
    ChainValidation validation, CallerAuthentication callers, AuthorityMetrics metrics, AuditLog audit, TimeProvider timeProvider)
{
    /// <summary>Room for the certificates that a chain may have, as PEM.</summary>
    private const int MaxLength = 256 * 1024;

    private const string ContentType = "application/pem-certificate-chain";

    /// <summary>Answers one request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        if (await callers.AuthenticateAsync(context) is PeerValidation.Rejected { Rejection: var refusal })
        {
            audit.CallerRefused(refusal, Caller.AddressOf(context));
            metrics.Refused(refusal.Reason.ToString());
            await Problem.WriteAsync(context, StatusCodes.Status403Forbidden, refusal.Reason.ToString());
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed");
        }
        else if (!IsPemChain(context.Request))
        {
            await Problem.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, "unsupported_media_type");
        }
        else if (!TryReadUsage(context.Request.Query["usage"], out var usage))
        {
            await Problem.WriteAsync(context, StatusCodes.Status400BadRequest, "bad_usage");
        }
        else if (await RequestBody.ReadAsync(context, MaxLength) is not { } body)
        {
            await Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "too_large");
        }
        else
        {
            await AnswerAsync(context, body, usage);
        }
    }

    private async Task AnswerAsync(HttpContext context, byte[] body, CertificateUsage usage)
    {
        var now = timeProvider.GetUtcNow();
        var answer = ChainPem.TryRead(Encoding.Latin1.GetString(body), out var chain)
            ? ValidationAnswer.From(await validation.ValidateAsync(chain, new PeerExpectation(usage, []), context.RequestAborted), now)
            : ValidationAnswer.Rejected(RejectionReason.Malformed, now);
        metrics.Validated(answer.Verdict, answer.Reason);
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(answer, ValidationJson.Default.ValidationAnswer, cancellationToken: context.RequestAborted);
    }

    private static bool IsPemChain(HttpRequest request)
        => Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(ContentType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Any of the contract's words; absent means any role.</summary>
    private static bool TryReadUsage(string? text, out CertificateUsage usage)
    {
        (usage, var isKnown) = text switch
        {
            "client" => (CertificateUsage.Client, true),
            "server" => (CertificateUsage.Server, true),
            null or "any" => (CertificateUsage.Any, true),
            _ => (CertificateUsage.Any, false),
        };
        return isKnown;
    }
}
