using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>Enrolment over Secure Transport (RFC 7030, RFC 8951), the three operations that a workload needs.</summary>
internal sealed partial class EstClient(AuthorityClient client)
{
    private const string Prefix = ".well-known/est/";

    /// <summary>The authorities' certificates (RFC 7030 §4.1).</summary>
    /// <exception cref="AuthorityCallException">They can't be had.</exception>
    public async Task<IReadOnlyList<ParsedCertificate>> GetIssuersAsync(X509Svid? identity, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Prefix + "cacerts", UriKind.Relative));
        return await SendAsync(request, identity, cancellationToken);
    }

    /// <summary>A first certificate, for a token (RFC 7030 §4.2.1, RFC 7617). The user name says nothing.</summary>
    /// <exception cref="AuthorityCallException">There is none.</exception>
    public async Task<IReadOnlyList<ParsedCertificate>> EnrolAsync(byte[] certificationRequest, string token, CancellationToken cancellationToken)
    {
        using var request = Post("simpleenroll", certificationRequest);
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("token:" + token)));
        return await SendAsync(request, identity: null, cancellationToken);
    }

    /// <summary>A further certificate, for one that is still good (RFC 7030 §4.2.2).</summary>
    /// <exception cref="AuthorityCallException">There is none.</exception>
    public async Task<IReadOnlyList<ParsedCertificate>> RenewAsync(byte[] certificationRequest, X509Svid identity, CancellationToken cancellationToken)
    {
        using var request = Post("simplereenroll", certificationRequest);
        return await SendAsync(request, identity, cancellationToken);
    }

    private static HttpRequestMessage Post(string operation, byte[] certificationRequest)
    {
        var content = new StringContent(Convert.ToBase64String(certificationRequest, Base64FormattingOptions.InsertLineBreaks), Encoding.ASCII);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/pkcs10");
        content.Headers.Add("Content-Transfer-Encoding", "base64");
        return new HttpRequestMessage(HttpMethod.Post, new Uri(Prefix + operation, UriKind.Relative)) { Content = content };
    }

    private async Task<IReadOnlyList<ParsedCertificate>> SendAsync(HttpRequestMessage request, X509Svid? identity, CancellationToken cancellationToken)
    {
        var operation = request.RequestUri!.OriginalString[Prefix.Length..];
        var reply = await client.SendAsync(request, identity, CertsOnlyMessage.MaxLength, cancellationToken);

        // 202 is no certificate either: an operator has to approve it, and the next attempt asks with the same key (RFC 7030 §4.2.3).
        if (reply.Status != HttpStatusCode.OK)
        {
            throw new AuthorityCallException($"{operation} was answered with {(int)reply.Status}{ReasonIn(reply.Body)}")
            {
                IsRefusal = reply.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden,
            };
        }

        return CertsOnlyMessage.TryRead(reply.Body) ?? throw new AuthorityCallException($"the answer to {operation} is no certs-only message");
    }

    /// <summary>The reason of a problem+json answer, if it is a plain word: it goes into our log.</summary>
    private static string ReasonIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4 });
            return document.RootElement is { ValueKind: JsonValueKind.Object } problem
                && problem.TryGetProperty("reason", out var reason)
                && reason.ValueKind == JsonValueKind.String
                && PlainWord().IsMatch(reason.GetString()!)
                    ? $" {reason.GetString()}"
                    : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    [GeneratedRegex("\\A[A-Za-z_]{1,40}\\z")]
    private static partial Regex PlainWord();
}
