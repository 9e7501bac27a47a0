using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Inspection;

/// <summary>Dials a peer with our identity and tells what happened. Sends no application byte, whatever the verdict.</summary>
internal sealed class PeerInspection(SidecarOptions options, ISvidSource svid, PeerValidator validator)
{
    /// <summary>How long a peer gets to close a connection whose client certificate it refuses.</summary>
    private static readonly TimeSpan RefusalWait = TimeSpan.FromSeconds(1);

    /// <summary>Dials and judges.</summary>
    /// <param name="host">The host: what SNI says.</param>
    /// <param name="port">The port.</param>
    /// <param name="identity">Who must answer; null: as the upstream or tunnel with this destination says, else anybody who validates.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="SocketException">Nobody answers.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The peer broke the handshake off.</exception>
    public async Task<PeerInspectionReport> RunAsync(string host, int port, IdentityPattern? identity, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(host, port, cancellationToken);
        var remote = (IPEndPoint)socket.RemoteEndPoint!;
        PresentedChain? presented = null;
        await using var tls = new SslStream(new NetworkStream(socket));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = svid.Current?.Context,
                ApplicationProtocols = OfferedProtocols(host, port),
                EnabledSslProtocols = TlsDefaults.Versions,
                CertificateChainPolicy = TlsDefaults.NothingTrusted(),
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                AllowRenegotiation = false,
                AllowTlsResume = false,

                // Takes down what was presented; the verdict is the validator's, and no byte is sent before or after it.
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                {
                    presented = PresentedChain.FromHandshake(certificate, chain);
                    return presented is not null;
                },
            },
            cancellationToken);
        var (source, expectation) = Expect(host, port, identity);
        return new PeerInspectionReport
        {
            Remote = new IPEndPoint(remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address, remote.Port).ToString(),
            Protocol = tls.SslProtocol,
            CipherSuite = tls.NegotiatedCipherSuite,
            ApplicationProtocol = tls.NegotiatedApplicationProtocol.ToString(),
            ClientCertificate = tls.IsMutuallyAuthenticated ? await FateAsync(tls, cancellationToken) : ClientCertificateFate.NotRequested,
            Presented = presented!,
            Expected = expectation.Identities,
            ExpectedBy = source,
            Verdict = await validator.ValidateAsync(presented!, expectation, cancellationToken),
        };
    }

    private static async Task<ClientCertificateFate> FateAsync(SslStream tls, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        wait.CancelAfter(RefusalWait);
        try
        {
            return await tls.ReadAsync(new byte[1], wait.Token) == 0 ? ClientCertificateFate.Closed : ClientCertificateFate.Kept;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ClientCertificateFate.Kept;
        }
        catch (IOException)
        {
            return ClientCertificateFate.Closed;
        }
    }

    private (string? Source, PeerExpectation Expectation) Expect(string host, int port, IdentityPattern? identity)
    {
        if (identity is not null)
        {
            return (null, new PeerExpectation(CertificateUsage.Server, [identity]));
        }

        foreach (var (name, upstream) in options.Outbound?.Upstreams ?? [])
        {
            if (upstream.Destinations.Any(IsTarget))
            {
                return ($"upstream {name}", PeerDialer.Expect(upstream.PeerIdentities, host));
            }
        }

        return OutboundTunnel(host, port) is { } tunnel
            ? ($"tunnel {tunnel.Key}", PeerDialer.Expect(tunnel.Value.PeerIdentities, host))
            : (null, new PeerExpectation(CertificateUsage.Server, []));

        bool IsTarget(EndpointAddress destination) => IsAt(destination, host, port);
    }

    private KeyValuePair<string, TunnelOptions>? OutboundTunnel(string host, int port) => options.Tunnels
        .Where(tunnel => tunnel.Value.Direction == TunnelDirection.Outbound && tunnel.Value.Destinations.Exists(destination => IsAt(destination, host, port)))
        .Select(tunnel => (KeyValuePair<string, TunnelOptions>?)tunnel)
        .FirstOrDefault();

    private static bool IsAt(EndpointAddress destination, string host, int port)
        => destination.Port == port && string.Equals(destination.Host, host, StringComparison.OrdinalIgnoreCase);

    /// <summary>What the sidecar itself would offer there.</summary>
    private List<SslApplicationProtocol>? OfferedProtocols(string host, int port) => OutboundTunnel(host, port) switch
    {
        null => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        { Value.Alpn: { } name } => [new SslApplicationProtocol(name)],
        _ => null,
    };
}
