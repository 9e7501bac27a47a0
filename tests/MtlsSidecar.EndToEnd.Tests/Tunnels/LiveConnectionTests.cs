using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 5, for tunnels: an open connection whose peer is no longer acceptable is cut, and its neighbours stay.</summary>
public sealed class LiveConnectionTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private readonly TcpApplication _application = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task PeerRevokedInMidCopy_IsCutAndItsNeighbourStays()
    {
        await using var sidecar = await StartAsync();
        await using var neighbour = await ConnectAsync(sidecar, _pki.Users);
        await using var neighboursApplication = await _application.AcceptAsync();
        await using var peer = await ConnectAsync(sidecar, _pki.Web);
        await using var application = await _application.AcceptAsync();
        var copying = SendForeverAsync(peer);
        await application.Stream.ReadExactlyAsync(new byte[1024 * 1024]);

        _pki.Revoke(_pki.Web);

        // The copy would go on for ever, so this limit is the test's; how soon it happens is nothing to measure beside such a flood.
        (await application.EndsInResetAsync().WaitAsync(Eventually.DefaultTimeout)).Should().BeTrue();
        await copying;
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("PeerNoLongerAccepted");
        await neighbour.SendAsync("still here");
        (await neighboursApplication.ReadUntilAsync("here")).Should().Be("still here");
    }

    [Fact]
    public async Task PeerThatThePoliciesNoLongerAllow_IsCut()
    {
        await using var sidecar = await StartAsync();
        await using var peer = await ConnectAsync(sidecar, _pki.Web);
        await using var application = await _application.AcceptAsync();

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("users")));

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Denied");
    }

    [Fact]
    public async Task PeerWhoseCertificateExpires_IsCut()
    {
        await using var sidecar = await StartAsync();
        await using var neighbour = await ConnectAsync(sidecar, _pki.Users);
        await using var neighboursApplication = await _application.AcceptAsync();

        // Issued only now: neither the daemon's start nor its first handshake is to take of its life.
        var shortLived = _pki.Issue("short", WorkloadPki.ForWorkload("web") with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(4) });
        await using var peer = await ConnectAsync(sidecar, shortLived);
        await using var application = await _application.AcceptAsync();

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("Expired");
    }

    [Fact]
    public async Task DestinationThatIsNoLongerExpected_IsCut()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();

        pair.Web.ReplaceSettings(settings => settings.Set($"Tunnels:{TunnelPair.Out}:PeerIdentities", new[] { WorkloadPki.SpiffeId("users") }));

        (await caller.EndsInResetAsync()).Should().BeTrue();
        (await pair.Web.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("IdentityMismatch");
        await using var next = await pair.ConnectAsync();
        (await next.ReadToEndAsync()).Should().BeEmpty();
        await pair.Web.Log.WaitForRefusalAsync("IdentityMismatch");
        _application.Accepted.Should().Be(1);
    }

    [Fact]
    public async Task DestinationWhoseCertificateIsRevoked_IsCut()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();

        _pki.Revoke(_pki.Orders);

        (await caller.EndsInResetAsync()).Should().BeTrue();
        (await pair.Web.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("Revoked");
    }

    [Fact]
    public async Task OwnRotation_DisturbsNoTunnelAndServesTheNext()
    {
        await using var pair = await TunnelPair.StartAsync(_pki, _application.Address);
        await using var caller = await pair.ConnectAsync();
        await using var application = await _application.AcceptAsync();

        _pki.Issue("orders");
        _pki.Issue("web");
        await Task.WhenAll(
            pair.Orders.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity"),
            pair.Web.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity"));

        await caller.SendAsync("as before");
        (await application.ReadUntilAsync("before")).Should().Be("as before");
        await using var next = await pair.ConnectAsync();
        await using var nextApplication = await _application.AcceptAsync();
        await nextApplication.SendAsync("welcome");
        (await next.ReadUntilAsync("welcome")).Should().Be("welcome");
    }

    private static async Task SendForeverAsync(WireConnection peer)
    {
        var chunk = new byte[64 * 1024];
        try
        {
            while (true)
            {
                await peer.Stream.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
            // Cut, as it should be.
        }
    }

    private Task<WireConnection> ConnectAsync(SidecarProcess sidecar, WorkloadFiles workload)
        => WireConnection.ConnectAsync(_pki, workload, sidecar.Tunnel(TunnelPair.In));

    private Task<SidecarProcess> StartAsync() => SidecarProcess.StartAsync(SidecarSettings.For("orders", _pki.Orders, _pki)
        .InboundTunnel(TunnelPair.In, _application.Address)
        .Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users")));
}
