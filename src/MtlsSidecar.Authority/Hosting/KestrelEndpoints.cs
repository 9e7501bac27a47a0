using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Opens the three listeners and nothing else. Each connection is marked with the listener that accepted it.</summary>
internal sealed class KestrelEndpoints(IServiceProvider services, ServeOptions options, ServerIdentity identity, CallerConnectionLimit limit) : IConfigureOptions<KestrelServerOptions>
{
    private const int MaxConnections = 10_000;
    private const int MaxRequestBody = 256 * 1024;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.ApplicationServices = services;
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        kestrel.Limits.MaxRequestBodySize = MaxRequestBody;
        Listen(kestrel, options.Listen, ListenerRole.Enrolment, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            endpoint.UseHttps(new TlsHandshakeCallbackOptions { HandshakeTimeout = HandshakeTimeout, OnConnection = CreateTlsOptionsAsync });
        });
        Listen(kestrel, options.Publish, ListenerRole.Publication, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        Listen(kestrel, options.Admin, ListenerRole.Admin, endpoint => endpoint.Protocols = HttpProtocols.Http1);
    }

    private void Listen(KestrelServerOptions kestrel, IPEndPoint address, ListenerRole role, Action<ListenOptions> configure) => kestrel.Listen(address, listen =>
    {
        listen.Use(next => connection =>
        {
            connection.Features.Set(new AuthorityListener(role));
            connection.Features.Set(new TlsCaller());

            // Probes are nobody's limit: an orchestrator must see the server alive under any load.
            return role == ListenerRole.Admin ? next(connection) : WithinLimitAsync(next, connection);
        });
        configure(listen);
    });

    /// <summary>Before TLS: a connection too many costs no handshake.</summary>
    private async Task WithinLimitAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        var caller = Caller.KeyOf((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (!limit.TryEnter(caller))
        {
            connection.Abort();
            return;
        }

        try
        {
            await next(connection);
        }
        finally
        {
            limit.Leave(caller);
        }
    }

    /// <summary>
    /// A client certificate is asked for, since renewal and validation need one, but not demanded, since a first enrolment has none. What is
    /// presented is taken down; whoever needs it has it judged.
    /// </summary>
    [SuppressMessage("Security", "CA5398:Avoid hardcoded SslProtocols values", Justification = "A floor that a permissive OpenSSL configuration can't lower is the point.")]
    [SuppressMessage("Security", "CA5359:Do Not Disable Certificate Validation", Justification = "The handshake only takes the certificate down; CallerAuthentication judges it for every request that needs a caller.")]
    private ValueTask<SslServerAuthenticationOptions> CreateTlsOptionsAsync(TlsHandshakeCallbackContext context)
    {
        var caller = context.Connection.Features.Get<TlsCaller>()!;
        return ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Context ?? throw new AuthenticationException("the server has no certificate"),
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
            {
                caller.Presented = PresentedChain.FromHandshake(certificate, chain);
                return true;
            },
            CertificateChainPolicy = NothingTrusted(),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,

            // A resumed session would bring back a certificate without its chain.
            AllowTlsResume = false,
        });
    }

    /// <summary>For the chain that the platform insists on building before it calls back; its verdict is not used.</summary>
    private static X509ChainPolicy NothingTrusted() => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        RevocationMode = X509RevocationMode.NoCheck,
        DisableCertificateDownloads = true,
    };
}
