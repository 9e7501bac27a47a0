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
    private readonly ConnectionRegistry _registry = new(new RevalidationPolicy(StaleCutsConnections: false));
    private readonly RecentRefusals _refusals = new();
    private readonly ScriptedValidator _script = new();
    private PendingHandshake? _onTheWay;

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

    [Fact]
    public async Task PeerWhoseHandshakeHadToGiveWay_IsNotAdmitted()
    {
        (await AdmitAsync(isCrowded: true)).Should().BeNull();

        _registry.All.Should().BeEmpty();
    }

    [Fact]
    public async Task AdmittedPeer_LeavesNoChainOfItsOwnBehind()
    {
        await AdmitAsync();

        (_onTheWay!.Presented, _onTheWay.HasPresented).Should().Be((null, true));
    }

    private Task<LiveConnection?> AdmitAsync(bool presented = true, int maxConnectionsPerPeer = 10, TimeSpan? timeout = null, bool isCrowded = false)
    {
        var metrics = _services.GetRequiredService<SidecarMetrics>();
        ParsedCertificate.TryParse(_pki.Root.Certificate.RawData, out var anchor, out _).Should().BeTrue();
        var listener = new SidecarListener(ListenerRole.Inbound, "Inbound", EndpointAddress.Parse("https://127.0.0.1:1"));
        var recorder = new RefusalRecorder(metrics, _refusals, TimeProvider.System, NullLogger<RefusalRecorder>.Instance);
        var limits = () => new InboundLimits(timeout ?? TimeSpan.FromSeconds(30), 10, maxConnectionsPerPeer);
        var ledger = new HandshakeLedger(listener, limits, (recorder, metrics, TimeProvider.System, NullLogger.Instance));
        var gate = new PeerGate(
            listener,
            limits,
            ledger,
            new PeerValidator(new AnchorSource([anchor!]), _script, Trust.Validation.ValidationOptions.Workload, TimeProvider.System),
            _registry,
            (recorder, metrics, TimeProvider.System, NullLogger.Instance));
        ledger.TryBegin(null, isLoadBalancer: false, () => { }, out _onTheWay).Should().BeTrue();
        _onTheWay!.Presented = presented ? PresentedChain.From(_pki.Web.Certificate.Certificate, _pki.Web.Certificate.Intermediates) : null;
        for (var other = 0; isCrowded && other < 64; other++)
        {
            ledger.TryBegin(null, isLoadBalancer: false, () => { }, out _).Should().BeTrue();
        }

        return gate.AdmitAsync(
            _onTheWay,
            "127.0.0.1:2",
            peer => new LiveConnection(ConnectionDirection.Inbound, "Inbound", "127.0.0.1:2", (peer, PeerExpectation.AnyClient), (() => { }, () => { })),
            CancellationToken.None);
    }
}
