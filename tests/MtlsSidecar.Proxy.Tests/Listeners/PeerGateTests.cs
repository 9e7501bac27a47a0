using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Listeners;

/// <summary>The moment between judging a peer and registering its connection, in which a reload may fall.</summary>
public sealed class PeerGateTests : IDisposable
{
    private readonly WorkloadPki _pki = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly ConnectionRegistry _registry = new();
    private readonly RecentRefusals _refusals = new();
    private readonly ScriptedValidator _script = new();

    public void Dispose()
    {
        _services.Dispose();
        _pki.Dispose();
    }

    [Fact]
    public async Task AcceptedPeer_IsRegistered()
    {
        var live = await AdmitAsync();

        _registry.All.Should().Equal(live!);
    }

    [Fact]
    public async Task RefusedPeer_IsRecordedAndNeverRegistered()
    {
        _script.Rejects = true;

        (await AdmitAsync()).Should().BeNull();

        _registry.All.Should().BeEmpty();
        _refusals.Snapshot().Single().Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task PeerRevokedBetweenVerdictAndRegistration_IsRefused()
    {
        // The sweep that follows the reload comes before the connection can be found: only judging again catches it.
        _script.OnJudged = () => _script.Change(rejects: true);

        (await AdmitAsync()).Should().BeNull();

        _registry.All.Should().BeEmpty();
        _refusals.Snapshot().Single().Reason.Should().Be(RejectionReason.Revoked);
    }

    [Fact]
    public async Task ChangeThatDoesNotConcernThePeer_LetsItIn()
    {
        _script.OnJudged = () => _script.Change(rejects: false);

        (await AdmitAsync()).Should().NotBeNull();

        _script.Judged.Should().Be(2);
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

        (await AdmitAsync())!.Peer.ValidUntil.Should().Be(second);
    }

    [Fact]
    public async Task PeerThatPresentedNothing_IsRefused() => (await AdmitAsync(presented: false)).Should().BeNull();

    [Fact]
    public async Task PeerBeyondItsShare_IsShedAndTheOthersStay()
    {
        var first = await AdmitAsync(maxConnectionsPerPeer: 1);

        (await AdmitAsync(maxConnectionsPerPeer: 1)).Should().BeNull();

        _registry.All.Should().Equal(first!);
    }

    [Fact]
    public async Task VerdictAfterTheDeadline_IsARefusal()
    {
        _script.WaitsForever = true;

        (await AdmitAsync(timeout: TimeSpan.FromMilliseconds(50))).Should().BeNull();

        _refusals.Snapshot().Single().Reason.Should().Be(RejectionReason.DeadlineExceeded);
    }

    private Task<LiveConnection?> AdmitAsync(bool presented = true, int maxConnectionsPerPeer = 10, TimeSpan? timeout = null)
    {
        var metrics = _services.GetRequiredService<SidecarMetrics>();
        ParsedCertificate.TryParse(_pki.Root.Certificate.RawData, out var anchor, out _).Should().BeTrue();
        var gate = new PeerGate(
            new SidecarListener(ListenerRole.Inbound, "Inbound", EndpointAddress.Parse("https://127.0.0.1:1")),
            () => new InboundLimits(timeout ?? TimeSpan.FromSeconds(30), 10, maxConnectionsPerPeer),
            new PeerValidator(new AnchorSource([anchor!]), _script, Trust.Validation.ValidationOptions.Workload, TimeProvider.System),
            _registry,
            (new RefusalRecorder(metrics, _refusals, TimeProvider.System, NullLogger<RefusalRecorder>.Instance), metrics, TimeProvider.System, NullLogger.Instance));
        var handshake = new PendingHandshake(TimeProvider.System.GetTimestamp())
        {
            Presented = presented ? PresentedChain.From(_pki.Web.Certificate.Certificate, _pki.Web.Certificate.Intermediates) : null,
        };
        return gate.AdmitAsync(
            handshake,
            "127.0.0.1:2",
            peer => new LiveConnection(ConnectionDirection.Inbound, "Inbound", "127.0.0.1:2", (peer, PeerExpectation.AnyClient), (() => { }, () => { })),
            CancellationToken.None);
    }
}
