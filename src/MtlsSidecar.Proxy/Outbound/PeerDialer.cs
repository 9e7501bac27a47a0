using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
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
    /// <summary>When each handshake began and what it was shown; the platform's callback and the verdict run at different times.</summary>
    private readonly ConditionalWeakTable<object, Handshake> _handshakes = [];

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider => timeProvider;

    /// <summary>With what we dial at this moment; null while there is none.</summary>
    public X509Svid? OwnIdentity => svid.Current;

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

    /// <summary>Shakes hands as a client; a failure is counted.</summary>
    /// <param name="tls">The connection.</param>
    /// <param name="options">Made by <see cref="CreateTlsOptions"/>.</param>
    /// <param name="cancellationToken">The connect deadline.</param>
    /// <exception cref="AuthenticationException">The handshake failed.</exception>
    /// <exception cref="IOException">The peer broke it off.</exception>
    public async Task HandshakeAsync(SslStream tls, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        _handshakes.Add(tls, new Handshake(timeProvider.GetTimestamp()));
        try
        {
            await tls.AuthenticateAsClientAsync(options, cancellationToken);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            metrics.HandshakeFailed(ConnectionDirection.Outbound, "tls");
            throw;
        }
    }

    /// <summary>Admits the connection of a pool and ties its bytes to the registry, before the first byte of a request.</summary>
    /// <param name="tls">The connection.</param>
    /// <param name="dialled">Whom it should lead to.</param>
    /// <param name="retire">Asks the pool to stop using its connections.</param>
    /// <param name="cancellationToken">The connect deadline.</param>
    /// <exception cref="PeerRefusedException">The peer was refused.</exception>
    public async ValueTask<PeerConnection> AdmitAsync(SslStream tls, DialledPeer dialled, Action retire, CancellationToken cancellationToken)
    {
        var connection = new PeerConnection(tls, registry);
        try
        {
            connection.Track(await RegisterAsync(tls, dialled, (retire, connection.Dispose), cancellationToken));
            return connection;
        }
        catch (PeerRefusedException)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Validates the peer of a handshake that <see cref="HandshakeAsync"/> finished and registers the connection, before the first byte is carried.</summary>
    /// <param name="tls">The connection.</param>
    /// <param name="dialled">Whom it should lead to.</param>
    /// <param name="closing">How to close it when the peer is no longer acceptable: ask first, then cut.</param>
    /// <param name="cancellationToken">The connect deadline.</param>
    /// <returns>The registered connection, which the caller removes from the registry at its end.</returns>
    /// <exception cref="PeerRefusedException">The peer was refused.</exception>
    /// <exception cref="PeerLimitException">The peer has as many connections as it may.</exception>
    public async ValueTask<LiveConnection> RegisterAsync(
        SslStream tls, DialledPeer dialled, (Action Request, Action Abort) closing, CancellationToken cancellationToken)
    {
        // Taken, not looked up: the entry would last as long as the connection, and of many connections to one peer a single chain is kept.
        if (!_handshakes.Remove(tls, out var handshake) || handshake.Presented is not { } presented)
        {
            throw Refuse(new PeerRejection(RejectionReason.NoCertificate, "the peer presented no certificate"), null, dialled);
        }

        var (generation, expectation) = (validator.Generation, dialled.Expectation());
        var peer = await ValidateAsync(presented, dialled, expectation, cancellationToken);
        var live = new LiveConnection(ConnectionDirection.Outbound, dialled.Owner, dialled.Remote, (peer, expectation), closing)
        {
            OpenedAt = timeProvider.GetUtcNow(),
            IsTunnel = dialled.IsTunnel,
            Configured = dialled.Expectation,
        };
        if (!registry.TryAdd(live, dialled.MaxConnections))
        {
            metrics.HandshakeFailed(ConnectionDirection.Outbound, "max_connections_per_peer");
            throw new PeerLimitException(peer.Identity.Name, dialled.MaxConnections);
        }

        // A change between judging and registering was swept before this connection could be found: judge again until nothing changed.
        while ((validator.Generation, dialled.Expectation()) is var latest && (latest.Generation != generation || !latest.Item2.Equals(expectation)))
        {
            (generation, expectation) = latest;
            live.Expect(expectation);
            var judgement = registry.BeginJudgement();
            try
            {
                // The path may be another now, and by its path a connection is found when something of it is revoked.
                var again = await ValidateAsync(presented, dialled, expectation, cancellationToken);
                registry.Renew(live, again, judgement, timeProvider.GetUtcNow());
            }
            catch
            {
                // Refused, or a defect: whatever it is, what isn't returned is closed by nobody who knows it.
                registry.Remove(live);
                throw;
            }
        }

        metrics.HandshakeAccepted(ConnectionDirection.Outbound, timeProvider.GetElapsedTime(handshake.StartedAt));
        return live;
    }

    private async ValueTask<ValidatedPeer> ValidateAsync(
        PresentedChain presented, DialledPeer dialled, PeerExpectation expectation, CancellationToken cancellationToken)
        => await validator.ValidateAsync(presented, expectation, cancellationToken) switch
        {
            PeerValidation.Accepted accepted => accepted.Peer,
            PeerValidation.Rejected rejected => throw Refuse(rejected.Rejection, presented, dialled),
            var other => throw new InvalidOperationException($"Unknown validation {other.GetType()}."),
        };

    private PeerRefusedException Refuse(PeerRejection rejection, PresentedChain? presented, DialledPeer dialled)
    {
        refusals.Record(rejection, ConnectionDirection.Outbound, dialled.Owner, dialled.Remote, presented);
        return new PeerRefusedException(rejection);
    }

    /// <summary>Takes down what was presented. Without a certificate, or outside a handshake of ours, nothing is captured, and <see cref="RegisterAsync"/> is never reached.</summary>
    private bool TryCapture(object sender, X509Certificate? certificate, X509Chain? chain)
    {
        if (PresentedChain.FromHandshake(certificate, chain) is not { } presented || !_handshakes.TryGetValue(sender, out var handshake))
        {
            return false;
        }

        handshake.Presented = presented;
        return true;
    }

    /// <summary>A handshake between its beginning and the verdict on the peer.</summary>
    private sealed class Handshake(long startedAt)
    {
        public long StartedAt { get; } = startedAt;

        public PresentedChain? Presented { get; set; }
    }
}
