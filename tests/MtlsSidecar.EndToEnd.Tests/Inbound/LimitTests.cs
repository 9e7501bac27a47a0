using System.Net;
using System.Net.Security;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Inbound;

/// <summary>What one peer may take.</summary>
public sealed class LimitTests(LimitTests.Fixture fixture) : IClassFixture<LimitTests.Fixture>, IAsyncLifetime
{
    /// <summary>What the test before has closed must not count among the connections of this one's peers.</summary>
    public Task InitializeAsync() => Eventually.HoldsAsync(
        async () => (await fixture.Sidecar.PeersAsync()).GetProperty("peers").GetArrayLength() == 0, "nobody is connected any more");

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task PeerWithTooManyConnections_GetsNoMoreAndOthersDo()
    {
        await using var first = await ServedConnectionAsync(fixture.Pki.Web);
        await using var second = await ServedConnectionAsync(fixture.Pki.Web);

        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound)).Should().BeNull();
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, fixture.Sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        await first.DisposeAsync();
        await Eventually.HoldsAsync(
            async () => await Peer.StatusAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound) == HttpStatusCode.OK, "a place came free");
    }

    [Fact]
    public async Task ConnectionsBeyondTheListenersLimit_AreClosed()
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings().Set("Inbound:MaxConnections", 2));
        await using var first = await ServedConnectionAsync(fixture.Pki.Web, sidecar);
        await using var second = await ServedConnectionAsync(fixture.Pki.Web, sidecar);

        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, sidecar.Inbound)).Should().BeNull("it is one too many");

        (await sidecar.Log.WaitForEventAsync("ConnectionShed"))["Listener"].Should().Be("Inbound");
        await first.SendAsync("GET /status/204 HTTP/1.1\r\nHost: orders\r\n\r\n");
        (await first.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 204", "old ones stay");
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK, "probes have a listener of their own");
    }

    [Fact]
    public async Task SilentConnections_KeepNoPeerOut()
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.NewSettings().Set("Inbound:MaxConnections", 2));
        var strangers = new List<WireConnection>();
        for (var stranger = 0; stranger < 200; stranger++)
        {
            strangers.Add(await WireConnection.ConnectPlainAsync(sidecar.Inbound.Port));
        }

        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        // They don't add up either: the oldest had to give way.
        (await sidecar.Log.WaitForEventAsync("HandshakeDropped"))["Remote"].Should().Be("127.0.0.1");
        (await strangers[0].ReadToEndAsync()).Should().BeEmpty();
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_handshakes_total", ("result", "failed"), ("reason", "max_handshakes")).Should().BePositive();
        foreach (var stranger in strangers)
        {
            await stranger.DisposeAsync();
        }
    }

    [Fact]
    public async Task StreamsOfAConnection_AreLimitedByOurSettings()
    {
        await using var connection = await WireConnection.ConnectAsync(fixture.Pki, fixture.Pki.Users, fixture.Port, alpn: SslApplicationProtocol.Http2);
        var http2 = await Http2Connection.StartAsync(connection.Stream);

        await http2.ReadSettingsAsync();

        http2.MaxConcurrentStreams.Should().Be(7);
    }

    [Fact]
    public async Task RapidStreamResets_CloseTheConnection()
    {
        await using var connection = await WireConnection.ConnectAsync(fixture.Pki, fixture.Pki.Users, fixture.Port, alpn: SslApplicationProtocol.Http2);
        var http2 = await Http2Connection.StartAsync(connection.Stream);

        var flood = FloodAsync(http2);
        await http2.ReadToEndAsync();
        await flood;

        http2.GoAwayError.Should().NotBe(0u, "CVE-2023-44487: the connection ends with an error, not by agreement");
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, fixture.Sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(1, 100_000, 431)]
    [InlineData(500, 10, 431)]
    public async Task HeadersBeyondAllMeasure_AreRefused(int count, int length, int status)
    {
        await using var connection = await WireConnection.ConnectAsync(fixture.Pki, fixture.Pki.Users, fixture.Port);
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('a', length)}\r\n"));

        var response = RawResponse.Parse(await connection.ExchangeAsync($"GET / HTTP/1.1\r\nHost: orders\r\n{headers}\r\n"));

        response.Status.Should().Be(status);
    }

    private static async Task FloodAsync(Http2Connection http2)
    {
        try
        {
            for (var stream = 1; stream < 200_000; stream += 2)
            {
                await http2.SendHeadersAsync(stream, "GET", "/wait", "orders");
                await http2.SendResetAsync(stream);
            }
        }
        catch (IOException)
        {
            // The connection was closed, as it should be.
        }
    }

    private async Task<WireConnection> ServedConnectionAsync(WorkloadFiles peer, SidecarProcess? sidecar = null)
    {
        var connection = await WireConnection.ConnectAsync(fixture.Pki, peer, sidecar?.Inbound.Port ?? fixture.Port);
        await connection.SendAsync("GET /status/204 HTTP/1.1\r\nHost: orders\r\n\r\n");
        (await connection.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 204");
        return connection;
    }

    public sealed class Fixture : InboundFixture
    {
        public SidecarSettings NewSettings() =>
            SidecarSettings.For("orders", Pki.Orders, Pki).Inbound(Application.Address).Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"));

        protected override void Configure(SidecarSettings settings) => settings
            .Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"))
            .Set("Inbound:MaxConnectionsPerPeer", 2)
            .Set("Inbound:MaxStreamsPerConnection", 7);
    }
}
