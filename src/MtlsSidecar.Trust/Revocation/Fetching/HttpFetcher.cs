using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Revocation.Fetching;

/// <summary>
/// Fetches signed objects over HTTP under the guards: no redirects, no proxy, no cookies, bounded in size and time. Every failure is a
/// <see cref="FetchException"/>.
/// </summary>
internal sealed class HttpFetcher : IDisposable
{
    private const int MaxHeaderKilobytes = 16;
    private readonly FetchOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly FetchGuard _guard;
    private readonly HttpMessageInvoker _forConfigured;
    private readonly HttpMessageInvoker _forCertificates;

    public HttpFetcher(FetchOptions options, TimeProvider timeProvider)
    {
        _options = options;
        _timeProvider = timeProvider;
        _guard = new FetchGuard(options);
        _forConfigured = new HttpMessageInvoker(CreateHandler(FetchOrigin.Configured));
        _forCertificates = new HttpMessageInvoker(CreateHandler(FetchOrigin.Certificate));
    }

    /// <summary>Whether a URL would be asked at all; the reason when not.</summary>
    public string? Refuse(string url, FetchOrigin origin)
    {
        try
        {
            _guard.Check(url, origin);
            return null;
        }
        catch (FetchException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">The request; its URI must be absolute.</param>
    /// <param name="origin">Who named the URL.</param>
    /// <param name="maxLength">The largest body taken, in bytes.</param>
    /// <param name="cancellationToken">Ends the request early.</param>
    /// <exception cref="FetchException">No answer but 200 or 304, or none in time.</exception>
    public async Task<FetchedContent> SendAsync(HttpRequestMessage request, FetchOrigin origin, int maxLength, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(_options.Timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            _guard.Check(request.RequestUri!.OriginalString, origin);
            var invoker = origin == FetchOrigin.Configured ? _forConfigured : _forCertificates;
            using var response = await invoker.SendAsync(request, either.Token);
            var content = await ReadAsync(response, maxLength, either.Token);

            // Reading a CRL of a million entries takes longer than a socket's thread may be kept from other connections.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return content;
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new FetchException($"no answer within {_options.Timeout.TotalSeconds:0.#} s", exception);
        }
        catch (HttpRequestException exception)
        {
            throw exception.InnerException as FetchException ?? new FetchException(exception.InnerException?.Message ?? exception.Message, exception);
        }
        catch (IOException exception)
        {
            throw new FetchException(exception.Message, exception);
        }
    }

    public void Dispose()
    {
        _forConfigured.Dispose();
        _forCertificates.Dispose();
    }

    private static async Task<FetchedContent> ReadAsync(HttpResponseMessage response, int maxLength, CancellationToken cancellationToken)
    {
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new FetchedContent(null, response.Headers.ETag, response.Content.Headers.LastModified);
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new FetchException($"the server answered {(int)response.StatusCode}");
        }

        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await NativeBuffer.ReadAsync(stream, response.Content.Headers.ContentLength, maxLength, cancellationToken);
        return new FetchedContent(body, response.Headers.ETag, response.Content.Headers.LastModified);
    }

    private SocketsHttpHandler CreateHandler(FetchOrigin origin) => new()
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = MaxHeaderKilobytes,

        // A connection for each request: a server that speaks HTTP/1.0 closes after its answer without saying so, and a request that is sent
        // meanwhile would be reset, and a peer refused for it. Answers are kept by us, so there is little to gain from keeping connections.
        PooledConnectionLifetime = TimeSpan.Zero,
        ConnectCallback = (context, cancellationToken) => _guard.ConnectAsync(context.DnsEndPoint, origin, cancellationToken),
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate as X509Certificate2, chain, errors) },
    };

    /// <summary>The system's anchors or ours; never another name. An https server protects no more than privacy here: what it serves is signed.</summary>
    private bool IsTrusted(X509Certificate2? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(_options.AdditionalRoots().Select(root => root.Platform).ToArray());
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        if (presented is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        }

        try
        {
            return chain.Build(certificate);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
