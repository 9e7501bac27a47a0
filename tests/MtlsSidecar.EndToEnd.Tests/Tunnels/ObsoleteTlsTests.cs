using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Tunnels;

/// <summary>
/// TLS 1.0 and 1.1 are refused by HTTP and tunnels alike because we say so, and not because of how the machine's OpenSSL is set up: here its
/// configuration allows them, which another server shows.
/// </summary>
public sealed class ObsoleteTlsTests(ObsoleteTlsTests.Fixture fixture) : IClassFixture<ObsoleteTlsTests.Fixture>
{
    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task OtherServerUnderTheSameConfiguration_SpeaksIt(string protocol)
    {
        var port = FreePorts.Next();
        var orders = fixture.Pki.Orders;
        await using var server = ChildProcess.Start(new ProcessStart(
            "openssl", "s_server", "-accept", $"127.0.0.1:{port}", "-cert", orders.CertificateFile, "-key", orders.KeyFile, "-www", "-quiet")
        { Environment = fixture.AllowingObsoleteTls });
        await Eventually.HoldsAsync(async () => await TcpProbe.IsListeningAsync(port), "s_server");

        var result = await OpenSslClient.SendAsync(port, "GET / HTTP/1.0\r\n\r\n", fixture.Pki.Web, protocol);

        result.Output.Should().Contain("HTTP/1.0 200");
    }

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task ObsoleteTlsToATunnel_IsRefused(string protocol) => await AssertRefusedAsync(fixture.Sidecar.Tunnel(TunnelPair.In), TunnelPair.In, protocol);

    [Theory]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task ObsoleteTlsToInbound_IsRefused(string protocol) => await AssertRefusedAsync(fixture.Port, "Inbound", protocol);

    private async Task AssertRefusedAsync(int port, string listener, string protocol)
    {
        var (position, bytes) = (fixture.Sidecar.Log.Position, fixture.Application.BytesReceived);

        var result = await OpenSslClient.SendAsync(port, "GET /secret HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n", fixture.Pki.Web, protocol);

        result.Output.Should().NotContain("HTTP/");
        (await fixture.Sidecar.Log.WaitForEventAsync("HandshakeFailed", position))["Listener"].Should().Be(listener);
        fixture.Application.BytesReceived.Should().Be(bytes);
    }

    public sealed class Fixture : InboundFixture
    {
        /// <summary>An OpenSSL that speaks whatever it is asked for.</summary>
        public IReadOnlyDictionary<string, string?> AllowingObsoleteTls => Environment!;

        protected override void Configure(SidecarSettings settings)
        {
            base.Configure(settings);
            settings.InboundTunnel(TunnelPair.In, new UriBuilder(Application.Address) { Scheme = "tcp" }.Uri.GetLeftPart(UriPartial.Authority));
            var file = Pki.Directory.Write("openssl.cnf", OpenSsl.AnythingGoes);
            Environment = new Dictionary<string, string?> { ["OPENSSL_CONF"] = file };
        }
    }
}
