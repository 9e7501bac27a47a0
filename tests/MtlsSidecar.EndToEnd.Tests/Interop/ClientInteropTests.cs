using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Interop;

/// <summary>Other people's clients call our inbound listener.</summary>
public sealed class ClientInteropTests(InboundFixture fixture) : IClassFixture<InboundFixture>
{
    [Theory]
    [InlineData("--tlsv1.2", "1.2", "--http1.1", "1.1")]
    [InlineData("--tlsv1.2", "1.2", "--http2", "2")]
    [InlineData("--tlsv1.3", "1.3", "--http1.1", "1.1")]
    [InlineData("--tlsv1.3", "1.3", "--http2", "2")]
    public async Task Curl_IsServedOverEveryVersion(string minimum, string maximum, string http, string version)
    {
        var result = await Curl.RunAsync(
            [$"https://localhost:{fixture.Port}/curl", minimum, "--tls-max", maximum, http, "--data", "hello", .. Curl.Identity(fixture.Pki, fixture.Pki.Web)]);

        result.Status.Should().Be(200, result.Error + result.Body);
        result.HttpVersion.Should().Be(version);
        result.Body.Should().Contain("\"bodyLength\":5");
    }

    [Fact]
    public async Task CurlWithoutACertificate_GetsNoAnswer()
    {
        var result = await Curl.RunAsync($"https://localhost:{fixture.Port}/curl", "--cacert", fixture.Pki.BundleFile);

        result.ExitCode.Should().NotBe(0);
        result.Status.Should().Be(0);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task OpenSsl_VerifiesOurChainAndIsServed(string protocol)
    {
        var result = await OpenSslClient.SendAsync(
            fixture.Port, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", fixture.Pki.Web, protocol, "-CAfile", fixture.Pki.BundleFile, "-verify_return_error");

        result.Output.Should().Contain("HTTP/1.1 200").And.Contain("Verify return code: 0 (ok)");
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Session_IsNeverResumed(string protocol)
    {
        var session = fixture.Pki.Directory[$"session{protocol}"];
        const string Request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        await OpenSslClient.SendAsync(fixture.Port, Request, fixture.Pki.Web, protocol, "-sess_out", session);

        string[] again = File.Exists(session) ? ["-sess_in", session] : [];
        var result = await OpenSslClient.SendAsync(fixture.Port, Request, fixture.Pki.Web, [protocol, .. again]);

        result.Output.Should().Contain("HTTP/1.1 200").And.NotContain("Reused,");
    }

    [Theory]
    [InlineData("TLSv1.2")]
    [InlineData("TLSv1.3")]
    public async Task Nginx_CallsUsWithItsCertificate(string protocols)
    {
        await using var nginx = await Nginx.StartClientAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound, protocols);

        var result = await Curl.RunAsync($"http://127.0.0.1:{nginx.Port}/through/nginx");

        result.Status.Should().Be(200, result.Error + result.Body);
        result.Body.Should().Contain(WorkloadPki.SpiffeId("web"));
    }

    [Fact]
    public async Task NginxOfAStranger_IsRefused()
    {
        var bytes = fixture.Application.BytesReceived;
        await using var nginx = await Nginx.StartClientAsync(fixture.Pki, fixture.Pki.Foreign, fixture.Sidecar.Inbound);

        (await Curl.RunAsync($"http://127.0.0.1:{nginx.Port}/")).Status.Should().Be(502);
        fixture.Application.BytesReceived.Should().Be(bytes);
    }

    [Theory]
    [InlineData("h2")]
    [InlineData("http/1.1")]
    public async Task HaProxy_CallsUsWithItsCertificate(string alpn)
    {
        await using var haProxy = await HaProxy.StartClientAsync(fixture.Pki, fixture.Pki.Web, fixture.Sidecar.Inbound, alpn);

        var result = await Curl.RunAsync($"http://127.0.0.1:{haProxy.Port}/through/haproxy");

        result.Status.Should().Be(200, result.Error + result.Body);
        result.Body.Should().Contain(WorkloadPki.SpiffeId("web"));
    }
}
