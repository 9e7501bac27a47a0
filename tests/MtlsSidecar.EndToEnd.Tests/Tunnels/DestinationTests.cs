using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Where tunnels lead, who must be there, and what happens when nobody is.</summary>
public sealed class DestinationTests : TunnelHouse
{
    [Fact]
    public async Task ApplicationThatIsDown_ClosesThePeersConnectionAndTheLogSaysWhy()
    {
        await using var sidecar = await SidecarProcess.StartAsync(Inbound($"tcp://127.0.0.1:{FreePorts.Next()}"));
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In));
        await peer.SendAsync("is there anybody?");

        (await peer.EndsInResetAsync()).Should().BeFalse("nothing was carried, so nothing was broken");

        (await sidecar.Log.WaitForEventAsync("TunnelFailed"))["Detail"].Should().Contain("ConnectionRefused");
        (await sidecar.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("ApplicationUnreachable");
    }

    [Fact]
    public async Task SecondApplication_TakesOverFromOneThatIsDown()
    {
        await using var sidecar = await SidecarProcess.StartAsync(Inbound($"tcp://127.0.0.1:{FreePorts.Next()}", Application.Address));
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In));
        await using var application = await Application.AcceptAsync();

        await application.SendAsync("I stand in");

        (await peer.ReadUntilAsync("in")).Should().Be("I stand in");
        (await sidecar.Log.WaitForEventAsync("DestinationFailed"))["Detail"].Should().Contain("ConnectionRefused");
    }

    [Fact]
    public async Task ApplicationThatAnswersNoConnect_IsGivenUpInTime()
    {
        // A backlog that is full: the system drops what comes, and the connecting end hears nothing.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(1);
        var waiting = Enumerable.Range(0, 4).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false }).ToList();
        waiting.ForEach(socket => FluentActions.Invoking(() => socket.Connect(full.LocalEndPoint!)).Should().Throw<SocketException>());
        var application = string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}");
        await using var sidecar = await SidecarProcess.StartAsync(Inbound(application).Set($"Tunnels:{TunnelPair.In}:ConnectTimeout", "00:00:00.5"));
        await using var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Tunnel(TunnelPair.In));

        (await peer.EndsInResetAsync()).Should().BeFalse("nothing was carried, so nothing was broken");

        (await sidecar.Log.WaitForEventAsync("TunnelFailed"))["Detail"].Should().Contain("no answer in time");
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task SecondPeer_TakesOverFromOneThatIsDown()
    {
        await using var pair = await StartPairAsync(web: settings => settings.Set(
            $"Tunnels:{TunnelPair.Out}:Destinations",
            new[] { $"tcp://127.0.0.1:{FreePorts.Next()}", settings.Text($"Tunnels:{TunnelPair.Out}:Destinations:0") }));

        await AssertServedAsync(pair);

        (await pair.Web.Log.WaitForEventAsync("DestinationFailed"))["Detail"].Should().Contain("ConnectionRefused");
    }

    [Fact]
    public async Task SecondPeer_TakesOverFromOneThatSaysNothing()
    {
        await using var silent = new TcpApplication();

        // The time is each destination's own: the peer that answers needs it too, for the first handshake of two fresh daemons.
        await using var pair = await StartPairAsync(web: settings => settings
            .Set($"Tunnels:{TunnelPair.Out}:ConnectTimeout", "00:00:04")
            .Set($"Tunnels:{TunnelPair.Out}:Destinations", new[] { silent.Address, settings.Text($"Tunnels:{TunnelPair.Out}:Destinations:0") }));

        await AssertServedAsync(pair);

        // The one that failed is tried last for a while: the next connection doesn't wait for it.
        await AssertServedAsync(pair);
        await pair.Web.Log.WaitForEventAsync("DestinationFailed");
        pair.Web.Log.Lines().Count(line => line.Event == "DestinationFailed").Should().Be(1);
    }

    [Fact]
    public async Task SecondPeer_TakesOverFromAnImpostor()
    {
        await using var othersApplication = new TcpApplication();
        await using var impostor = await SidecarProcess.StartAsync(
            SidecarSettings.For("users", Pki.Users, Pki).InboundTunnel("users-in", othersApplication.Address).Allow(WorkloadPki.SpiffeId("web")));
        await using var pair = await StartPairAsync(web: settings => settings.Set(
            $"Tunnels:{TunnelPair.Out}:Destinations",
            new[] { $"tcp://127.0.0.1:{impostor.Tunnel("users-in")}", settings.Text($"Tunnels:{TunnelPair.Out}:Destinations:0") }));

        await AssertServedAsync(pair);

        (await pair.Web.Log.WaitForRefusalAsync("IdentityMismatch"))["Direction"].Should().Be("Outbound");
    }

    [Fact]
    public async Task PeerWithAnotherIdentity_GetsNoByteAndTheCallerIsClosed()
    {
        await using var pair = await StartPairAsync(web: settings => settings.Set(
            $"Tunnels:{TunnelPair.Out}:PeerIdentities", new[] { WorkloadPki.SpiffeId("users") }));
        await using var caller = await pair.ConnectAsync();

        (await caller.ExchangeAsync("secret")).Should().BeEmpty();

        await pair.Web.Log.WaitForRefusalAsync("IdentityMismatch");
        (await pair.Web.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("PeerUnreachable");

        // Its side of the handshake was good, so it may have dialled its application; what matters is that no byte came.
        await pair.Orders.Log.WaitForEventAsync("TunnelClosed");
        pair.Orders.Log.Lines().Where(line => line.Event == "TunnelClosed").Should().OnlyContain(line => line["BytesFromPeer"] == "0");
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.2", false)]
    public async Task WithoutPeerIdentities_TheDestinationsHostMustMatch(string host, bool isServed)
    {
        await using var pair = await StartPairAsync(
            orders => orders.Set($"Tunnels:{TunnelPair.In}:Listen", $"tcp://[::]:{FreePorts.Next()}"),
            web => web.Remove($"Tunnels:{TunnelPair.Out}:PeerIdentities").Set(
                $"Tunnels:{TunnelPair.Out}:Destinations",
                new[] { $"tcp://{host}:{new Uri(web.Text($"Tunnels:{TunnelPair.Out}:Destinations:0")!).Port}" }));

        if (isServed)
        {
            await AssertServedAsync(pair);
        }
        else
        {
            await using var caller = await pair.ConnectAsync();
            (await caller.ReadToEndAsync()).Should().BeEmpty();
            await pair.Web.Log.WaitForRefusalAsync("IdentityMismatch");
        }
    }

    [Theory]
    [InlineData("amqp", "amqp", true)]
    [InlineData(null, "amqp", true)]
    [InlineData("amqp", null, true)]
    [InlineData("mqtt", "amqp", false)]
    public async Task ApplicationProtocols_MustAgreeWhereBothAreNamed(string? callers, string? called, bool isServed)
    {
        await using var pair = await StartPairAsync(
            orders => SetAlpn(orders, TunnelPair.In, called), web => SetAlpn(web, TunnelPair.Out, callers));

        if (isServed)
        {
            await AssertServedAsync(pair);
        }
        else
        {
            await using var caller = await pair.ConnectAsync();
            (await caller.ReadToEndAsync()).Should().BeEmpty();
            (await pair.Web.Log.WaitForEventAsync("TunnelClosed"))["Reason"].Should().Be("PeerUnreachable");
            Application.IsUntouched.Should().BeTrue();
        }

        static void SetAlpn(SidecarSettings settings, string tunnel, string? alpn)
        {
            if (alpn is not null)
            {
                settings.Set($"Tunnels:{tunnel}:Alpn", alpn);
            }
        }
    }

    private async Task AssertServedAsync(TunnelPair pair)
    {
        await using var caller = await pair.ConnectAsync();
        await using var application = await Application.AcceptAsync();
        await application.SendAsync("welcome");
        (await caller.ReadUntilAsync("welcome")).Should().Be("welcome");
    }

    private SidecarSettings Inbound(params string[] applications)
        => Orders().Set($"Tunnels:{TunnelPair.In}:Destinations", applications);
}
