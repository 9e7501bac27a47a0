using System.Net.Http.Headers;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Asks a responder about one certificate (RFC 6960 Appendix A, RFC 5019 §5) under the guards of <see cref="HttpFetcher"/>.</summary>
internal sealed class OcspClient(HttpFetcher fetcher, OcspFetchOptions fetching, OcspOptions options, TimeProvider timeProvider)
{
    /// <summary>RFC 5019 §5: a GET request is shorter than this, scheme, host and encoded request included.</summary>
    private const int GetLimit = 255;

    /// <summary>RFC 9654 §2.1 recommends this length.</summary>
    private const int NonceLength = 32;

    /// <summary>Asks, and judges the answer for the moment at which it came.</summary>
    /// <exception cref="FetchException">There is no answer.</exception>
    /// <exception cref="OcspException">The answer is of no use.</exception>
    public async Task<OcspAnswer> AskAsync(string url, FetchOrigin origin, RevocationQuestion question, CancellationToken cancellationToken)
    {
        // The typed null matters: a null array would become an empty nonce, which is one.
        var nonce = fetching.UseNonce ? RandomNumberGenerator.GetBytes(NonceLength) : default(ReadOnlyMemory<byte>?);
        using var request = CreateRequest(url, OcspRequestWriter.Write(OcspCertId.Of(question.Certificate, question.Issuer), nonce));
        using var content = await fetcher.SendAsync(request, origin, OcspResponseReader.MaxLength, cancellationToken);

        // Nothing was conditional, so 304 answers nothing.
        var body = content.Body?.Written.ToArray() ?? throw new FetchException("the server answered 304");
        return OcspCheck.Judge(body, question with { At = timeProvider.GetUtcNow() }, options, nonce);
    }

    private HttpRequestMessage CreateRequest(string url, byte[] body)
    {
        if (fetching.Method == OcspMethod.Get && !url.Contains('?', StringComparison.Ordinal))
        {
            var target = $"{url.TrimEnd('/')}/{Uri.EscapeDataString(Convert.ToBase64String(body))}";
            if (target.Length < GetLimit)
            {
                return new HttpRequestMessage(HttpMethod.Get, target);
            }
        }

        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/ocsp-request");
        return new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
    }
}
