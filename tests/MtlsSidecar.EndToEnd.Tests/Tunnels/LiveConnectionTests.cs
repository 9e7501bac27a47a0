using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Contract, behaviour 5, for tunnels: an open connection whose peer is no longer acceptable is cut, and its neighbours stay.</summary>
public sealed class LiveConnectionTests : TunnelHouse
{
    [Fact]
    public async Task PeerRevokedInMidCopy_IsCutAndItsNeighbourStays()
    {
        await using var sidecar = await StartOrdersAsync();
        await using var neighbour = await ConnectAsync(sidecar, Pki.Users);
        await using var neighboursApplication = await Application.AcceptAsync();
        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();
        var copying = SendForeverAsync(peer);
        await application.Stream.ReadExactlyAsync(new byte[1024 * 1024]);

        Pki.Revoke(Pki.Web);

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
        await using var sidecar = await StartOrdersAsync();
        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("users")));

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Denied");
    }

    [Fact]
    public async Task PeerWhoseCertificateExpires_IsCut()
    {
        await using var sidecar = await StartOrdersAsync();
        await using var neighbour = await ConnectAsync(sidecar, Pki.Users);
        await using var neighboursApplication = await Application.AcceptAsync();

        // Issued only now: neither the daemon's start nor its first handshake is to take of its life.
        var shortLived = Pki.Issue("short", WorkloadPki.ForWorkload("web") with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(4) });
        await using var peer = await ConnectAsync(sidecar, shortLived);
        await using var application = await Application.AcceptAsync();

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("Expired");
    }

    [Fact]
    public async Task DestinationThatIsNoLongerExpected_IsCut()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        pair.Web.ReplaceSettings(settings => settings.Set($"Tunnels:{TunnelPair.Out}:PeerIdentities", new[] { WorkloadPki.SpiffeId("users") }));

        (await caller.EndsInResetAsync()).Should().BeTrue();
        (await pair.Web.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("IdentityMismatch");
        await using var next = await pair.ConnectAsync();
        (await next.ReadToEndAsync()).Should().BeEmpty();
        await pair.Web.Log.WaitForRefusalAsync("IdentityMismatch");
        Application.Accepted.Should().Be(1);
    }

    [Fact]
    public async Task DestinationWhoseCertificateIsRevoked_IsCut()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        Pki.Revoke(Pki.Orders);

        (await caller.EndsInResetAsync()).Should().BeTrue();
        (await pair.Web.Log.WaitForEventAsync("Closing"))["Reason"].Should().Be("Revoked");
    }

    [Fact]
    public async Task OwnRotation_DisturbsNoTunnelAndServesTheNext()
    {
        await using var pair = await StartPairAsync();
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        Pki.Issue("orders");
        Pki.Issue("web");
        await Task.WhenAll(
            pair.Orders.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity"),
            pair.Web.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity"));

        await caller.SendAsync("as before");
        (await application.ReadUntilAsync("before")).Should().Be("as before");
        await using var next = await pair.ConnectAsync();
        await using var nextApplication = await Application.AcceptAsync();
        await nextApplication.SendAsync("welcome");
        (await next.ReadUntilAsync("welcome")).Should().Be("welcome");
    }

    protected override void Configure(SidecarSettings settings) => settings.Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"));

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
        => WireConnection.ConnectAsync(Pki, workload, sidecar.Tunnel(TunnelPair.In));
}
