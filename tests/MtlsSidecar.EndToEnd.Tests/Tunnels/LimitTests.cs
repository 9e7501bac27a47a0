using System.Net.Sockets;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>What bounds a tunnel: connections, per peer too, and time.</summary>
public sealed class LimitTests : TunnelHouse
{
    [Fact]
    public async Task ConnectionsBeyondTheLimit_AreShedAndOldOnesStay()
    {
        await using var sidecar = await StartAsync("MaxConnections", 2);
        await using var first = await ConnectAsync(sidecar, Pki.Web);
        await using var firstApplication = await Application.AcceptAsync();
        await using var second = await ConnectAsync(sidecar, Pki.Users);
        await using var secondApplication = await Application.AcceptAsync();

        (await TryConnectAsync(sidecar)).Should().BeNull("the third is one too many");

        (await sidecar.Log.WaitForEventAsync("ConnectionShed"))["Listener"].Should().Be(TunnelPair.In);
        await AssertCarriesAsync(first, firstApplication);
        await AssertCarriesAsync(second, secondApplication);
    }

    [Fact]
    public async Task SilentConnections_KeepNoPeerOut()
    {
        await using var sidecar = await StartAsync("MaxConnections", 2);
        var strangers = new List<WireConnection>();
        for (var stranger = 0; stranger < 200; stranger++)
        {
            strangers.Add(await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In)));
        }

        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();

        await AssertCarriesAsync(peer, application);
        (await sidecar.Log.WaitForEventAsync("HandshakeDropped"))["Listener"].Should().Be(TunnelPair.In);
        (await strangers[0].ReadToEndAsync()).Should().BeEmpty();
        foreach (var stranger in strangers)
        {
            await stranger.DisposeAsync();
        }

        await AssertCarriesAsync(peer, application);
    }

    [Fact]
    public async Task CallersBeyondTheLimit_AreShedAndOldOnesStay()
    {
        await using var pair = await StartPairAsync(web: settings => settings.Set($"Tunnels:{TunnelPair.Out}:MaxConnections", 1));
        await using var first = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        (await IsTurnedAwayAsync(pair)).Should().BeTrue();

        (await pair.Web.Log.WaitForEventAsync("ConnectionShed"))["Listener"].Should().Be(TunnelPair.Out);
        (await pair.Web.MetricsAsync()).Sum(
            "mtls_sidecar_handshakes_total", ("direction", "outbound"), ("result", "failed"), ("reason", "max_connections")).Should().Be(1);
        await AssertCarriesAsync(first, application);
    }

    [Fact]
    public async Task ConnectionsToAPeerBeyondItsLimit_AreNotTriedElsewhere()
    {
        await using var other = new TcpApplication();
        await using var pair = await StartPairAsync(web: settings => settings
            .Set($"Tunnels:{TunnelPair.Out}:MaxConnectionsPerPeer", 1)
            .Set($"Tunnels:{TunnelPair.Out}:Destinations", new[] { settings.Text($"Tunnels:{TunnelPair.Out}:Destinations:0"), other.Address }));
        await using var first = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();

        await using var second = await pair.ConnectAsync();
        (await second.ReadToEndAsync()).Should().BeEmpty();

        var line = await pair.Web.Log.WaitForEventAsync("TooManyConnections");
        (line["Peer"], line["Listener"], line["MaxConnectionsPerPeer"]).Should().Be((WorkloadPki.SpiffeId("orders"), TunnelPair.Out, "1"));
        other.IsUntouched.Should().BeTrue();
        await AssertCarriesAsync(first, application);

        // The destination isn't the worse for it: the next connection goes there as ever.
        await first.DisposeAsync();
        await application.DisposeAsync();
        await pair.Web.Log.WaitForAsync(line => line.Event == "TunnelClosed" && line["Reason"] == "Closed");
        await using var next = await pair.ConnectAsync();
        await using var nextApplication = await AcceptBehindAsync(next);
        other.IsUntouched.Should().BeTrue();
        pair.Web.Log.Lines().Should().NotContain(line => line.Event == "DestinationFailed");
    }

    [Fact]
    public async Task PlaceOfAConnectionThatEnded_IsFreeAgain()
    {
        await using var sidecar = await StartAsync("MaxConnections", 1);
        for (var round = 0; round < 3; round++)
        {
            WireConnection? connected = null;
            await Eventually.HoldsAsync(async () => (connected = await TryConnectAsync(sidecar)) is not null, "a free place");
            await using var peer = connected!;
            await using var application = await Application.AcceptAsync();
            await AssertCarriesAsync(peer, application);
        }
    }

    [Fact]
    public async Task ConnectionsOfAPeerBeyondItsLimit_AreRefusedAndOthersServed()
    {
        await using var sidecar = await StartAsync("MaxConnectionsPerPeer", 1);
        await using var first = await ConnectAsync(sidecar, Pki.Web);
        await using var firstApplication = await Application.AcceptAsync();

        await using var second = await ConnectAsync(sidecar, Pki.Web);
        (await second.ReadToEndAsync()).Should().BeEmpty();

        (await sidecar.Log.WaitForEventAsync("TooManyConnections"))["Peer"].Should().Be(WorkloadPki.SpiffeId("web"));
        await using var other = await ConnectAsync(sidecar, Pki.Users);
        await using var otherApplication = await Application.AcceptAsync();
        await AssertCarriesAsync(other, otherApplication);
        await AssertCarriesAsync(first, firstApplication);
    }

    [Fact]
    public async Task TunnelThatNobodyUses_IsCut()
    {
        await using var sidecar = await StartAsync("IdleTimeout", "00:00:03");
        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Idle");
    }

    [Fact]
    public async Task TunnelOnWhichOneSideSpeaks_IsNotIdle()
    {
        await using var sidecar = await StartAsync("IdleTimeout", "00:00:03");
        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();

        for (var beat = 0; beat < 12; beat++)
        {
            await application.SendAsync("beat");
            await peer.ReadUntilAsync("beat");
            await Task.Delay(400);
        }

        await AssertCarriesAsync(peer, application);
    }

    [Fact]
    public async Task TunnelThatLivesTooLong_IsCutThoughItIsUsed()
    {
        await using var sidecar = await StartAsync("MaxLifetime", "00:00:03");
        await using var peer = await ConnectAsync(sidecar, Pki.Web);
        await using var application = await Application.AcceptAsync();
        var sending = SendForeverAsync(application);

        (await peer.EndsInResetAsync()).Should().BeTrue();
        await sending;
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("MaxLifetime");
    }

    [Fact]
    public async Task PeerThatNeverFinishesTheHandshake_IsRefusedInTime()
    {
        await using var sidecar = await StartAsync("HandshakeTimeout", "00:00:01");
        await using var silent = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.In));

        (await silent.ReadToEndAsync()).Should().BeEmpty();

        (await sidecar.Log.WaitForRefusalAsync("DeadlineExceeded"))["Listener"].Should().Be(TunnelPair.In);
    }

    protected override void Configure(SidecarSettings settings) => settings.Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"));

    private async Task<WireConnection?> TryConnectAsync(SidecarProcess sidecar)
    {
        try
        {
            return await ConnectAsync(sidecar, Pki.Web);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Shed.
            return null;
        }
    }

    /// <summary>The application's end of a caller's tunnel; ends of callers that were turned away later on may wait before it.</summary>
    private async Task<WireConnection> AcceptBehindAsync(WireConnection caller)
    {
        await caller.SendAsync("it is me");
        while (true)
        {
            var application = await Application.AcceptAsync();
            if (await application.ReadToTextOrEndAsync("it is me"))
            {
                return application;
            }

            await application.DisposeAsync();
        }
    }

    private static async Task SendForeverAsync(WireConnection application)
    {
        try
        {
            while (true)
            {
                await application.SendAsync("still here");
                await Task.Delay(20);
            }
        }
        catch (IOException)
        {
            // Cut, as it should be.
        }
    }

    private static async Task AssertCarriesAsync(WireConnection peer, WireConnection application)
    {
        await peer.SendAsync("ping");
        (await application.ReadUntilAsync("ping")).Should().Be("ping");
        await application.SendAsync("pong");
        (await peer.ReadUntilAsync("pong")).Should().Be("pong");
    }

    private static async Task<bool> IsTurnedAwayAsync(TunnelPair pair)
    {
        try
        {
            await using var connection = await pair.ConnectAsync();
            return (await connection.ReadToEndAsync()).Length == 0;
        }
        catch (SocketException)
        {
            // So soon that connecting has not returned yet.
            return true;
        }
    }

    private Task<WireConnection> ConnectAsync(SidecarProcess sidecar, WorkloadFiles workload)
        => WireConnection.ConnectAsync(Pki, workload, sidecar.Tunnel(TunnelPair.In));

    private Task<SidecarProcess> StartAsync(string limit, object value)
        => StartOrdersAsync(settings => settings.Set($"Tunnels:{TunnelPair.In}:{limit}", value));
}
