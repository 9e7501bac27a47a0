using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Tests.Listeners;

/// <summary>Connections of known peers and those in a handshake are bounded each on their own.</summary>
public sealed class HandshakeLedgerTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private int _dropped;

    public void Dispose() => _services.Dispose();

    [Fact]
    public void SilentConnections_NeverKeepAPeerOut()
    {
        var ledger = Ledger(maxConnections: 2);
        for (var stranger = 0; stranger < 1_000; stranger++)
        {
            ledger.TryBegin(IPEndPoint.Parse("198.51.100.7:1"), isLoadBalancer: false, () => _dropped++, out _).Should().BeTrue();
        }

        ledger.TryBegin(IPEndPoint.Parse("198.51.100.8:1"), isLoadBalancer: false, () => { }, out var peer).Should().BeTrue();

        ledger.TryAdmit(peer!, "198.51.100.8:1").Should().BeTrue();
        _dropped.Should().BeGreaterThan(900, "they are bounded");
    }

    [Fact]
    public void PeersBeyondTheLimit_AreShedAtOnceAndAlsoAfterTheHandshake()
    {
        var ledger = Ledger(maxConnections: 2);
        var handshakes = Enumerable.Range(0, 3).Select(_ => Begin(ledger)).ToList();

        handshakes.Select(handshake => ledger.TryAdmit(handshake, remote: null)).Should().Equal(true, true, false);

        ledger.TryBegin(remote: null, isLoadBalancer: false, () => { }, out _).Should().BeFalse();
        ledger.End(handshakes[0], remote: null);
        Begin(ledger).Should().NotBeNull();
    }

    [Fact]
    public void HandshakeThatGaveWay_IsNotAdmitted()
    {
        var ledger = Ledger(maxConnections: 1);
        var first = Begin(ledger);
        for (var other = 0; other < 64; other++)
        {
            Begin(ledger);
        }

        ledger.TryAdmit(first, remote: null).Should().BeFalse();

        // It is gone from the books, not from those of peers, where it never was.
        ledger.End(first, remote: null);
        ledger.TryAdmit(Begin(ledger), remote: null).Should().BeTrue();
        ledger.TryBegin(remote: null, isLoadBalancer: false, () => { }, out _).Should().BeFalse();
    }

    private static PendingHandshake Begin(HandshakeLedger ledger)
    {
        ledger.TryBegin(remote: null, isLoadBalancer: false, () => { }, out var handshake).Should().BeTrue();
        return handshake!;
    }

    private HandshakeLedger Ledger(int maxConnections)
    {
        var metrics = _services.GetRequiredService<SidecarMetrics>();
        return new HandshakeLedger(
            new SidecarListener(ListenerRole.Inbound, "Inbound", EndpointAddress.Parse("https://127.0.0.1:1")),
            () => new InboundLimits(TimeSpan.FromSeconds(10), maxConnections, MaxConnectionsPerPeer: 10),
            (new RefusalRecorder(metrics, new RecentRefusals(), TimeProvider.System, NullLogger<RefusalRecorder>.Instance), metrics, TimeProvider.System, NullLogger.Instance));
    }
}
