using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Listeners;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Outbound;

/// <summary>The moment between judging a dialled peer and registering its connection, in which a reload may fall.</summary>
public sealed class PeerDialerTests : IDisposable
{
    private readonly WorkloadPki _pki = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly ConnectionRegistry _registry = new(new RevalidationPolicy(StaleCutsConnections: false));
    private readonly ScriptedValidator _script = new();
    private readonly ManualTimeProvider _time = new();
    private string _expected = WorkloadPki.SpiffeId("orders");

    public void Dispose()
    {
        _services.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public async Task ExpectedPeer_IsRegistered()
    {
        var live = await DialAsync();

        _registry.All.Should().Equal(live);
        _script.Judged.Should().Be(1);
    }

    [Fact]
    public async Task AcceptedHandshake_IsTimedFromItsStart()
    {
        var durations = new List<double>();
        using var listener = new MeterListener();
        var meters = _services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, of) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && instrument.Name.EndsWith("handshake.duration", StringComparison.Ordinal))
            {
                of.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, duration, _, _) => durations.Add(duration));
        listener.Start();
        _script.OnJudged = () => _time.Advance(TimeSpan.FromSeconds(1));

        await DialAsync(() => _time.Advance(TimeSpan.FromSeconds(2)));

        durations.Should().Equal(3);
    }

    [Fact]
    public void Sessions_AreNotResumed()
    {
        // A resumed session would bring a leaf without its chain, or no certificate at all.
        CreateDialer().CreateTlsOptions("localhost")!.AllowTlsResume.Should().BeFalse();
    }

    [Fact]
    public async Task UnexpectedPeer_IsRefused()
    {
        _expected = WorkloadPki.SpiffeId("users");

        (await RefusalAsync()).Should().Be(RejectionReason.IdentityMismatch);
    }

    [Fact]
    public async Task PeerThatIsNoLongerExpectedOnceItIsJudged_IsRefused()
    {
        // The reload told the connections it could find; this one was not registered yet.
        _script.OnJudged = () => _expected = WorkloadPki.SpiffeId("users");

        (await RefusalAsync()).Should().Be(RejectionReason.IdentityMismatch);
    }

    [Fact]
    public async Task PeerJudgedAgain_IsKnownByTheSecondVerdict()
    {
        var second = DateTimeOffset.UtcNow.AddMinutes(5);
        _script.OnJudged = () =>
        {
            _script.ValidUntil = second;
            _script.Change(rejects: false);
        };

        (await DialAsync()).Peer.ValidUntil.Should().Be(second);
    }

    [Fact]
    public async Task PeerRevokedBetweenVerdictAndRegistration_IsRefused()
    {
        _script.OnJudged = () => _script.Change(rejects: true);

        (await RefusalAsync()).Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task RegisteredPeer_IsToldOfALaterReload()
    {
        var live = await DialAsync();

        _expected = WorkloadPki.SpiffeId("users");
        live.RenewExpectation();

        live.Expectation.IsMetBy(live.Peer.Identity).Should().BeFalse();
    }

    private async Task<RejectionReason> RefusalAsync()
    {
        var refused = await FluentActions.Awaiting(() => DialAsync()).Should().ThrowAsync<PeerRefusedException>();
        _registry.All.Should().BeEmpty();
        return refused.Which.Rejection.Reason;
    }

    private PeerDialer CreateDialer()
    {
        ParsedCertificate.TryParse(_pki.Root.Certificate.RawData, out var anchor, out _).Should().BeTrue();
        var metrics = _services.GetRequiredService<SidecarMetrics>();
        return new PeerDialer(
            new OwnIdentity(X509Svid.FromPem(File.ReadAllText(_pki.Web.CertificateFile), File.ReadAllText(_pki.Web.KeyFile))),
            new PeerValidator(new AnchorSource([anchor!]), _script, Trust.Validation.ValidationOptions.Workload, TimeProvider.System),
            _registry,
            new RefusalRecorder(metrics, new RecentRefusals(), TimeProvider.System, NullLogger<RefusalRecorder>.Instance),
            metrics,
            _time);
    }

    private Task<LiveConnection> DialAsync() => DialAsync(Nothing);

    private async Task<LiveConnection> DialAsync(Action onHandshake)
    {
        var dialer = CreateDialer();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var accepted = await listener.AcceptTcpClientAsync();
        await using var server = new SslStream(accepted.GetStream());
        await using var tls = new SslStream(client.GetStream());
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = SslStreamCertificateContext.Create(_pki.Orders.Certificate.WithKey(), [.. _pki.Orders.Certificate.Intermediates], offline: true),
            }),
            dialer.HandshakeAsync(tls, dialer.CreateTlsOptions("localhost")!, CancellationToken.None));
        onHandshake();
        return await dialer.RegisterAsync(tls, Dialled(), (Nothing, Nothing), CancellationToken.None);
    }

    private DialledPeer Dialled() => new("orders", "localhost:1", () => PeerDialer.Expect([IdentityPattern.Parse(_expected)], "localhost"));

    private static void Nothing()
    {
    }

    private sealed class OwnIdentity(X509Svid svid) : ISvidSource
    {
        public event Action? Rotated
        {
            add { }
            remove { }
        }

        public X509Svid? Current => svid;

        public string? LastError => null;
    }
}
