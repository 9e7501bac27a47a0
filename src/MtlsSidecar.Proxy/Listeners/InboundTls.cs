using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The TLS options of one inbound handshake. Made per connection, so that a rotated SVID serves the next handshake without a restart.
/// The callback only takes down what the peer presented; the verdict is <see cref="PeerGate"/>'s, right after the handshake.
/// </summary>
internal sealed class InboundTls(ISvidSource svid, IReadOnlyList<SslApplicationProtocol> applicationProtocols)
{
    private readonly List<SslApplicationProtocol>? _applicationProtocols = applicationProtocols.Count == 0 ? null : [.. applicationProtocols];

    /// <summary>Gives the options for an HTTP connection.</summary>
    public ValueTask<SslServerAuthenticationOptions> CreateOptionsAsync(TlsHandshakeCallbackContext context)
        => ValueTask.FromResult(CreateOptions(context.Connection.Features.Get<PendingHandshake>()
            ?? throw new InvalidOperationException("The handshake observer must run before TLS.")));

    /// <summary>Gives the options for one handshake.</summary>
    public SslServerAuthenticationOptions CreateOptions(PendingHandshake handshake) => new()
    {
        // Without a certificate of our own nobody can be answered; readiness says so.
        ServerCertificateContext = (handshake.Own = svid.Current)?.Context ?? throw new AuthenticationException("there is no own certificate yet"),
        ApplicationProtocols = _applicationProtocols,
        EnabledSslProtocols = TlsDefaults.Versions,
        ClientCertificateRequired = true,
        RemoteCertificateValidationCallback = (_, certificate, chain, _) => TryCapture(handshake, certificate, chain),
        CertificateChainPolicy = TlsDefaults.NothingTrusted(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,

        // A resumed session carries the leaf but not the intermediates, and skips the verdict on a peer revoked since: never resume.
        AllowTlsResume = false,
    };

    /// <summary>Takes down what was presented. Without a certificate the handshake fails here.</summary>
    private static bool TryCapture(PendingHandshake handshake, X509Certificate? certificate, X509Chain? chain)
    {
        handshake.Presented = PresentedChain.FromHandshake(certificate, chain);
        handshake.IsWithoutCertificate = handshake.Presented is null;
        return handshake.Presented is not null;
    }
}
