using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Authorities;

/// <summary>
/// Calls a certification authority's server over mutual TLS. Its certificate is judged by the validator of peers, before the first byte of
/// a request: neither the system's anchors nor a proxy variable have a say. Bounded in time and size; no redirects, no cookies.
/// </summary>
internal sealed class AuthorityClient(AuthorityEndpoint endpoint, PeerValidator validator, TimeProvider timeProvider) : IDisposable
{
    private const int MaxHeaderKilobytes = 16;

    /// <summary>Only where the server speaks HTTP/1.1 alone; over HTTP/2 one connection carries all calls, and those beyond its streams wait.</summary>
    private const int MaxConnections = 16;

    /// <summary>A connection that went silent under a network partition is noticed by its pings, not by one lost call after the other.</summary>
    private static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a verdict on the server counts: then it has to connect, and be judged, anew.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly ConditionalWeakTable<object, PresentedChain> _presented = [];
    private readonly Lock _gate = new();
    private Pool? _pool;

    /// <summary>Connections that present one identity. A rotated certificate may be refused the next minute, so it takes its connections with it.</summary>
    private sealed record Pool(X509Svid? Identity, HttpMessageInvoker Invoker);

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">The request; its address is relative to the endpoint.</param>
    /// <param name="identity">Who calls; null to call without a certificate.</param>
    /// <param name="maxLength">The largest body taken, in bytes.</param>
    /// <param name="cancellationToken">Ends the call early.</param>
    /// <exception cref="AuthorityCallException">There is no answer, none in time, an oversized one, or the server is not who it must be.</exception>
    public async Task<AuthorityReply> SendAsync(HttpRequestMessage request, X509Svid? identity, int maxLength, CancellationToken cancellationToken)
    {
        request.RequestUri = endpoint.At(request.RequestUri!.OriginalString);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        using var timeout = new CancellationTokenSource(endpoint.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var response = await PoolFor(identity).Invoker.SendAsync(request, either.Token);
            var content = await ReadAsync(response.Content, maxLength, either.Token);

            // An enrolment writes files next, which may take longer than a socket's thread may be kept from other connections.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            return new AuthorityReply(response.StatusCode, content);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AuthorityCallException($"no answer within {endpoint.Timeout.TotalSeconds:0.#} s", exception) { IsTimeout = true };
        }
        catch (HttpRequestException exception)
        {
            throw exception.InnerException as AuthorityCallException
                ?? new AuthorityCallException(exception.InnerException?.Message ?? exception.Message, exception);
        }
        catch (IOException exception)
        {
            throw new AuthorityCallException(exception.Message, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _pool?.Invoker.Dispose();
            _pool = null;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int maxLength, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[maxLength + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= maxLength ? buffer.AsMemory(0, length) : throw new AuthorityCallException($"an answer of more than {maxLength} bytes");
    }

    private Pool PoolFor(X509Svid? identity)
    {
        lock (_gate)
        {
            if (_pool is { } current && ReferenceEquals(current.Identity, identity))
            {
                return current;
            }

            if (_pool is { } retired)
            {
                _ = DisposeLaterAsync(retired.Invoker);
            }

            return _pool = new Pool(identity, new HttpMessageInvoker(CreateHandler(identity)));
        }
    }

    /// <summary>A call may have taken the old connections just before: disposing at once would fail it.</summary>
    private async Task DisposeLaterAsync(HttpMessageInvoker retired)
    {
        await Task.Delay(endpoint.Timeout * 2, timeProvider);
        retired.Dispose();
    }

    private SocketsHttpHandler CreateHandler(X509Svid? identity) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = MaxHeaderKilobytes,
        MaxConnectionsPerServer = MaxConnections,
        KeepAlivePingDelay = PingInterval,
        KeepAlivePingTimeout = PingInterval,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        ConnectTimeout = endpoint.Timeout,
        PooledConnectionIdleTimeout = IdleTimeout,
        PooledConnectionLifetime = ConnectionLifetime,
        SslOptions = CreateTlsOptions(identity),
        PlaintextStreamFilter = AdmitAsync,
    };

    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "A floor that a permissive OpenSSL configuration can't lower is the point.")]
    private SslClientAuthenticationOptions CreateTlsOptions(X509Svid? identity) => new()
    {
        TargetHost = endpoint.Url.IdnHost,
        ClientCertificateContext = identity?.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (sender, certificate, chain, _) => TryCapture(sender, certificate, chain),

        // For the chain that the platform insists on building before it calls back; its verdict is not used.
        CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        },
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>Takes down what was presented; the verdict is <see cref="AdmitAsync"/>'s.</summary>
    private bool TryCapture(object sender, X509Certificate? certificate, X509Chain? chain)
    {
        if (PresentedChain.FromHandshake(certificate, chain) is not { } presented)
        {
            return false;
        }

        _presented.AddOrUpdate(sender, presented);
        return true;
    }

    /// <summary>Judges the server of a finished handshake. Fails closed: a connection that isn't admitted carries nothing, not even a token.</summary>
    private async ValueTask<Stream> AdmitAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        if (!_presented.TryGetValue(context.PlaintextStream, out var presented))
        {
            throw new AuthorityCallException("the server presented no certificate");
        }

        return await validator.ValidateAsync(presented, endpoint.Expectation, cancellationToken) is PeerValidation.Rejected { Rejection: var rejection }
            ? throw new AuthorityCallException($"the server's certificate is refused: {rejection.Reason}: {rejection.Detail}")
            : context.PlaintextStream;
    }
}
