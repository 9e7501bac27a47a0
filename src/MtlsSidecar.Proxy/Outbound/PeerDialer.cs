using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The TLS side of dialling a peer: our SVID, and the same validation as inbound with an explicit expectation. Fails closed: a connection
/// whose peer was not accepted and registered never carries a request.
/// </summary>
internal sealed class PeerDialer(
    ISvidSource svid, PeerValidator validator, ConnectionRegistry registry, RefusalRecorder refusals, SidecarMetrics metrics, TimeProvider timeProvider)
{
    /// <summary>What each handshake in progress was shown; the platform's callback and the verdict run at different times.</summary>
    private readonly ConditionalWeakTable<object, PresentedChain> _presented = [];

    /// <summary>The expectation for a destination: the configured identities or, without any, the destination's own host name or address.</summary>
    public static PeerExpectation Expect(IReadOnlyList<IdentityPattern> identities, string host)
        => new(CertificateUsage.Server, identities.Count > 0 ? identities : [IdentityPattern.ForHost(host)]);

    /// <summary>TLS options for connections to a host, with the SVID of this moment; null while there is none.</summary>
    /// <param name="host">The destination's host: what SNI says, whatever Host header the caller sent.</param>
    public SslClientAuthenticationOptions? CreateTlsOptions(string host) => svid.Current is not { } own ? null : new()
    {
        TargetHost = host,
        ClientCertificateContext = own.Context,
        EnabledSslProtocols = TlsDefaults.Versions,
        RemoteCertificateValidationCallback = (sender, certificate, chain, _) => TryCapture(sender, certificate, chain),
        CertificateChainPolicy = TlsDefaults.NothingTrusted(),
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        AllowRenegotiation = false,
        AllowTlsResume = false,
    };

    /// <summary>Validates the peer of a finished handshake and registers the connection, before the first byte of a request.</summary>
    /// <param name="tls">The connection.</param>
    /// <param name="dialled">The upstream and the destination that it is for.</param>
    /// <param name="expectation">What is expected of the peer.</param>
    /// <param name="retire">Asks the pool to stop using its connections.</param>
    /// <param name="cancellationToken">The connect deadline.</param>
    /// <exception cref="PeerRefusedException">The peer was refused.</exception>
    public async ValueTask<Stream> AdmitAsync(
        SslStream tls, (string Upstream, string Remote) dialled, PeerExpectation expectation, Action retire, CancellationToken cancellationToken)
    {
        var started = timeProvider.GetTimestamp();
        if (!_presented.TryGetValue(tls, out var presented))
        {
            throw Refuse(new PeerRejection(RejectionReason.NoCertificate, "the peer presented no certificate"), null, dialled);
        }

        var generation = validator.Generation;
        var peer = await ValidateAsync(presented, dialled, expectation, cancellationToken);
        var connection = new PeerConnection(tls, registry);
        var live = new LiveConnection(
            ConnectionDirection.Outbound, dialled.Upstream, dialled.Remote, (peer, expectation), (retire, connection.Dispose))
        {
            OpenedAt = timeProvider.GetUtcNow(),
        };
        registry.TryAdd(live, int.MaxValue);
        connection.Track(live);

        // A change between judging and registering was swept before this connection could be found: judge again until nothing changed.
        while (validator.Generation is var latest && latest != generation)
        {
            generation = latest;
            try
            {
                await ValidateAsync(presented, dialled, expectation, cancellationToken);
            }
            catch (PeerRefusedException)
            {
                await connection.DisposeAsync();
                throw;
            }
        }

        metrics.HandshakeAccepted(ConnectionDirection.Outbound, timeProvider.GetElapsedTime(started));
        return connection;
    }

    private async ValueTask<ValidatedPeer> ValidateAsync(
        PresentedChain presented, (string Upstream, string Remote) dialled, PeerExpectation expectation, CancellationToken cancellationToken)
        => await validator.ValidateAsync(presented, expectation, cancellationToken) switch
        {
            PeerValidation.Accepted accepted => accepted.Peer,
            PeerValidation.Rejected rejected => throw Refuse(rejected.Rejection, presented, dialled),
            var other => throw new InvalidOperationException($"Unknown validation {other.GetType()}."),
        };

    private PeerRefusedException Refuse(PeerRejection rejection, PresentedChain? presented, (string Upstream, string Remote) dialled)
    {
        refusals.Record(rejection, ConnectionDirection.Outbound, dialled.Upstream, dialled.Remote, presented);
        return new PeerRefusedException(rejection);
    }

    /// <summary>Takes down what was presented. Without a certificate nothing is captured, and <see cref="AdmitAsync"/> is never reached.</summary>
    private bool TryCapture(object sender, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        _presented.AddOrUpdate(sender, PresentedChain.From(leaf, chain?.ChainPolicy.ExtraStore ?? []));
        return true;
    }
}
