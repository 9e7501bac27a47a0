using System.Buffers.Text;
using System.Text;
using MtlsSidecar.Authority.Hosting;
using MtlsSidecar.Authority.Issuing;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Enrolment;

/// <summary>
/// Enrolment over Secure Transport (RFC 7030, RFC 8951): <c>cacerts</c> for anybody, <c>simpleenroll</c> for the bearer of a token,
/// <c>simplereenroll</c> for the holder of a certificate that is still good.
/// </summary>
internal sealed class EstEndpoints(Enroller enroller, IssuerDirectory issuers, CallerAuthentication callers, AuthorityMetrics metrics, AuditLog audit)
{
    /// <summary>Where EST lives (RFC 7030 §3.2.2).</summary>
    public const string Prefix = "/.well-known/est/";

    /// <summary>Base64 of the largest request with its line breaks.</summary>
    private const int MaxLength = CertificationRequest.MaxLength * 3 / 2;

    /// <summary>Answers one request.</summary>
    public Task InvokeAsync(HttpContext context) => (context.Request.Path.Value![Prefix.Length..], context.Request.Method) switch
    {
        ("cacerts", "GET" or "HEAD") => WriteAsync(context, [.. issuers.Current.All.Select(issuer => issuer.Certificate.RawData)]),
        ("simpleenroll", "POST") => EnrolAsync(context),
        ("simplereenroll", "POST") => RenewAsync(context),
        ("cacerts", _) => RefuseMethodAsync(context, "GET, HEAD"),
        ("simpleenroll" or "simplereenroll", _) => RefuseMethodAsync(context, "POST"),
        _ => Problem.WriteAsync(context, StatusCodes.Status404NotFound, "not_found"),
    };

    private async Task EnrolAsync(HttpContext context)
    {
        if (await ReadRequestAsync(context) is { } request)
        {
            await AnswerAsync(context, await GuardAsync(() => enroller.EnrolAsync(ReadToken(context.Request.Headers.Authorization), request)));
        }
    }

    private async Task RenewAsync(HttpContext context)
    {
        // The request first, which is small and bounded: a caller judged before would stay accepted for as long as its request trickles in,
        // and a certificate revoked meanwhile would still be renewed.
        if (await ReadRequestAsync(context) is not { } request)
        {
            return;
        }

        var caller = await callers.AuthenticateAsync(context);
        if (caller is not PeerValidation.Accepted { Peer: var peer })
        {
            var rejection = ((PeerValidation.Rejected)caller).Rejection;
            await AnswerAsync(context, new EnrolmentResult.Refused(EnrolmentRefusal.CertificateRejected, $"{rejection.Reason}: {rejection.Detail}"));
        }
        else
        {
            await AnswerAsync(context, await GuardAsync(() => enroller.RenewAsync(peer, request)));
        }
    }

    /// <summary>An authority that can't issue refuses like any other refusal: with a line in the audit.</summary>
    private static async Task<EnrolmentResult> GuardAsync(Func<Task<EnrolmentResult>> enrol)
    {
        try
        {
            return await enrol();
        }
        catch (Exception exception) when (exception is AuthorityException or ClockMovedBackException)
        {
            return new EnrolmentResult.Refused(EnrolmentRefusal.Unavailable, exception.Message);
        }
    }

    private async Task AnswerAsync(HttpContext context, EnrolmentResult result)
    {
        switch (result)
        {
            case EnrolmentResult.Issued { IsRepeated: true, Certificate: var repeated }:
                audit.Repeated(repeated, Caller.AddressOf(context));
                await WriteAsync(context, [repeated.Certificate]);
                break;
            case EnrolmentResult.Issued { Certificate: var certificate }:
                audit.Issued(certificate, Caller.AddressOf(context));
                metrics.Issued(certificate);
                await WriteAsync(context, [certificate.Certificate]);
                break;
            case EnrolmentResult.Refused { Reason: var reason, Detail: var detail }:
                audit.EnrolmentRefused(reason, detail, Caller.AddressOf(context));
                metrics.Refused(reason.ToString());
                await Problem.WriteAsync(context, StatusOf(reason), NameOf(reason));
                break;
        }
    }

    /// <summary>Who isn't authenticated gets 401, who is but may not gets 403, and who asks for nonsense 400.</summary>
    private static int StatusOf(EnrolmentRefusal reason) => reason switch
    {
        EnrolmentRefusal.UnknownToken or EnrolmentRefusal.ExpiredToken or EnrolmentRefusal.UsedToken => StatusCodes.Status401Unauthorized,
        EnrolmentRefusal.BadRequest => StatusCodes.Status400BadRequest,
        EnrolmentRefusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
        EnrolmentRefusal.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };

    /// <summary>What every endpoint has in common is called the same at all of them.</summary>
    private static string NameOf(EnrolmentRefusal reason) => reason switch
    {
        EnrolmentRefusal.TooLarge => "too_large",
        EnrolmentRefusal.Unavailable => "unavailable",
        _ => reason.ToString(),
    };

    /// <summary>Reads a request as base64, which RFC 8951 §3.1 demands, or as DER, which it is lenient to accept. Null after an error was answered.</summary>
    private async Task<byte[]?> ReadRequestAsync(HttpContext context)
    {
        if (await RequestBody.ReadAsync(context, MaxLength) is not { } body)
        {
            await AnswerAsync(context, new EnrolmentResult.Refused(EnrolmentRefusal.TooLarge, $"a request of more than {MaxLength} bytes"));
            return null;
        }

        // A SEQUENCE of that size begins with 0x30, which is a legal character of base64 too: '0'. DER's second octet is none.
        if (body.Length < 2 || (body[0] == 0x30 && body[1] >= 0x80))
        {
            return body;
        }

        var text = body.Where(octet => octet is not ((byte)'\r' or (byte)'\n' or (byte)' ' or (byte)'\t')).ToArray();
        var der = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, der, out _, out var written) == System.Buffers.OperationStatus.Done ? der[..written] : [];
    }

    /// <summary>The password of HTTP Basic authentication (RFC 7617); the user name says nothing.</summary>
    private static string? ReadToken(string? authorization)
    {
        const string Scheme = "Basic ";
        if (authorization is null || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Scheme.Length..], buffer, out var written))
        {
            return null;
        }

        var credentials = Encoding.UTF8.GetString(buffer, 0, written);
        var colon = credentials.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : credentials[(colon + 1)..];
    }

    private static async Task WriteAsync(HttpContext context, IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        var body = Encoding.ASCII.GetBytes(CertsOnly.Encode(certificates));
        context.Response.ContentType = CertsOnly.ContentType;
        context.Response.Headers["Content-Transfer-Encoding"] = "base64";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static Task RefuseMethodAsync(HttpContext context, string allowed)
    {
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.Allow = allowed;
            return Task.CompletedTask;
        });
        return Problem.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "method_not_allowed");
    }
}
