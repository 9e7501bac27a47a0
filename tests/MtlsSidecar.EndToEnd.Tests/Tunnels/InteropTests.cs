using System.Net.Sockets;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>Our tunnels with other people's tunnels at the other end.</summary>
public sealed class InteropTests(InteropTests.Fixture fixture) : IClassFixture<InteropTests.Fixture>
{
    private int Port => fixture.Pair.Orders.Tunnel(TunnelPair.In);

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task OpenSsl_VerifiesOurChainAndIsServed(string protocol)
    {
        var result = await OpenSslClient.SendAsync(Port, "question\n", fixture.Pki.Web, protocol, "-CAfile", fixture.Pki.BundleFile, "-verify_return_error", "-quiet");

        result.Output.Should().Contain("answer to question");
    }

    [Fact]
    public async Task StunnelAsClient_IsServed()
    {
        await using var stunnel = await Stunnel.StartClientAsync(fixture.Pki, fixture.Pki.Web, Port);

        await AssertServedAsync(stunnel.Port);
    }

    [Fact]
    public async Task StunnelOfAStranger_IsRefused()
    {
        await using var stunnel = await Stunnel.StartClientAsync(fixture.Pki, fixture.Pki.Foreign, Port);
        var accepted = fixture.Application.Accepted;
        var position = fixture.Pair.Orders.Log.Position;
        await using var caller = await WireConnection.ConnectPlainAsync(stunnel.Port);

        (await caller.ExchangeAsync("question\n")).Should().BeEmpty();

        var refusal = await fixture.Pair.Orders.Log.WaitForRefusalAsync("UntrustedAnchor", position);
        (refusal.Event, refusal["Listener"]).Should().Be(("PeerRefused", TunnelPair.In));
        fixture.Application.Accepted.Should().Be(accepted);
    }

    [Fact]
    public async Task HaProxyAsClient_IsServed()
    {
        await using var haProxy = await HaProxy.StartTcpClientAsync(fixture.Pki, fixture.Pki.Web, Port);

        await AssertServedAsync(haProxy.Port);
    }

    [Fact]
    public async Task StunnelAsServer_VerifiesUsAndServes()
    {
        await using var application = Answering();
        await using var stunnel = await Stunnel.StartServerAsync(fixture.Pki, fixture.Pki.Orders, application.Port);
        await using var sidecar = await StartOutboundAsync(stunnel.Port);

        await AssertServedAsync(sidecar.Tunnel(TunnelPair.Out));
    }

    [Fact]
    public async Task HaProxyAsServer_VerifiesUsAndServes()
    {
        await using var application = Answering();
        await using var haProxy = await HaProxy.StartTcpServerAsync(fixture.Pki, fixture.Pki.Orders, application.Port);
        await using var sidecar = await StartOutboundAsync(haProxy.Port);

        await AssertServedAsync(sidecar.Tunnel(TunnelPair.Out));
    }

    [Fact]
    public async Task StunnelWithAnotherIdentity_GetsNoByte()
    {
        await using var application = Answering();
        await using var stunnel = await Stunnel.StartServerAsync(fixture.Pki, fixture.Pki.Users, application.Port);
        await using var sidecar = await StartOutboundAsync(stunnel.Port);
        await using var caller = await WireConnection.ConnectPlainAsync(sidecar.Tunnel(TunnelPair.Out));

        (await caller.ExchangeAsync("secret\n")).Should().BeEmpty();

        await sidecar.Log.WaitForRefusalAsync("IdentityMismatch");
    }

    private static async Task AssertServedAsync(int port)
    {
        await using var caller = await WireConnection.ConnectPlainAsync(port);

        await caller.SendAsync("question\n");

        (await caller.ReadToEndAsync()).Should().Be("answer to question\n");
    }

    private static TcpApplication Answering()
    {
        var application = new TcpApplication();
        application.Serve(AnswerAsync);
        return application;
    }

    /// <summary>Serves whoever comes: the start of a foreign tunnel is found out by connecting, which it carries through to here.</summary>
    private static async Task AnswerAsync(Socket socket)
    {
        await using var connection = WireConnection.Of(socket);
        var question = await connection.ReadUntilAsync("\n");
        await connection.SendAsync($"answer to {question}");
        await connection.EndAsync();
        await connection.ReadToEndAsync();
    }

    private Task<SidecarProcess> StartOutboundAsync(int peer) => SidecarProcess.StartAsync(
        SidecarSettings.For("web", fixture.Pki.Web, fixture.Pki).OutboundTunnel(TunnelPair.Out, WorkloadPki.SpiffeId("orders"), $"tcp://localhost:{peer}"));

    public sealed class Fixture : TunnelFixture
    {
        public Fixture() => Application.Serve(AnswerAsync);
    }
}
