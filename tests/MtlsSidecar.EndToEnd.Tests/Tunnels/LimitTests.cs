using System.Net.Sockets;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>What bounds a tunnel: connections, per peer too, and time.</summary>
public sealed class LimitTests : IAsyncLifetime
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
    public async Task ConnectionsBeyondTheLimit_AreShedAndOldOnesStay()
    {
        await using var sidecar = await StartAsync("MaxConnections", 2);
        await using var first = await ConnectAsync(sidecar, _pki.Web);
        await using var firstApplication = await _application.AcceptAsync();
        await using var second = await ConnectAsync(sidecar, _pki.Users);
        await using var secondApplication = await _application.AcceptAsync();

        (await TryConnectAsync(sidecar)).Should().BeNull("the third is one too many");

        (await sidecar.Log.WaitForEventAsync("ConnectionShed"))["Listener"].Should().Be(TunnelPair.In);
        await AssertCarriesAsync(first, firstApplication);
        await AssertCarriesAsync(second, secondApplication);
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
            await using var application = await _application.AcceptAsync();
            await AssertCarriesAsync(peer, application);
        }
    }

    [Fact]
    public async Task ConnectionsOfAPeerBeyondItsLimit_AreRefusedAndOthersServed()
    {
        await using var sidecar = await StartAsync("MaxConnectionsPerPeer", 1);
        await using var first = await ConnectAsync(sidecar, _pki.Web);
        await using var firstApplication = await _application.AcceptAsync();

        await using var second = await ConnectAsync(sidecar, _pki.Web);
        (await second.ReadToEndAsync()).Should().BeEmpty();

        (await sidecar.Log.WaitForEventAsync("TooManyConnections"))["Peer"].Should().Be(WorkloadPki.SpiffeId("web"));
        await using var other = await ConnectAsync(sidecar, _pki.Users);
        await using var otherApplication = await _application.AcceptAsync();
        await AssertCarriesAsync(other, otherApplication);
        await AssertCarriesAsync(first, firstApplication);
    }

    [Fact]
    public async Task TunnelThatNobodyUses_IsCut()
    {
        await using var sidecar = await StartAsync("IdleTimeout", "00:00:03");
        await using var peer = await ConnectAsync(sidecar, _pki.Web);
        await using var application = await _application.AcceptAsync();

        (await application.EndsInResetAsync()).Should().BeTrue();
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("Idle");
    }

    [Fact]
    public async Task TunnelOnWhichOneSideSpeaks_IsNotIdle()
    {
        await using var sidecar = await StartAsync("IdleTimeout", "00:00:03");
        await using var peer = await ConnectAsync(sidecar, _pki.Web);
        await using var application = await _application.AcceptAsync();

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
        await using var peer = await ConnectAsync(sidecar, _pki.Web);
        await using var application = await _application.AcceptAsync();
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

    private async Task<WireConnection?> TryConnectAsync(SidecarProcess sidecar)
    {
        try
        {
            return await ConnectAsync(sidecar, _pki.Web);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            // Shed.
            return null;
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

    private Task<WireConnection> ConnectAsync(SidecarProcess sidecar, WorkloadFiles workload)
        => WireConnection.ConnectAsync(_pki, workload, sidecar.Tunnel(TunnelPair.In));

    private Task<SidecarProcess> StartAsync(string limit, object value) => SidecarProcess.StartAsync(SidecarSettings.For("orders", _pki.Orders, _pki)
        .InboundTunnel(TunnelPair.In, _application.Address)
        .Set($"Tunnels:{TunnelPair.In}:{limit}", value)
        .Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users")));
}
