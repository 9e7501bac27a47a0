using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>The real peers talk to each other without any sidecar: what fails in their tests with one is then the sidecar's.</summary>
public sealed class PeersTests : HttpHouse
{
    [Fact]
    public async Task Curl_ReachesTheApplicationThroughNginxWithMutualTls()
    {
        await using var nginx = await Nginx.StartServerAsync(Pki, Pki.Orders, Application.Address);

        var result = await Curl.RunAsync([$"https://localhost:{nginx.Port}/hello", .. Curl.Identity(Pki, Pki.Web)]);

        result.Status.Should().Be(200, result.Error + result.Body);
        Application.Requests.Should().ContainSingle().Which.Header("X-Verified").Should().Equal("SUCCESS");
    }

    [Fact]
    public async Task HaProxy_ReachesNginxAndNginxReachesHaProxyWithMutualTls()
    {
        await using var nginxServer = await Nginx.StartServerAsync(Pki, Pki.Orders, Application.Address);
        await using var haProxyServer = await HaProxy.StartServerAsync(Pki, Pki.Orders, Application.Port);
        await using var haProxyClient = await HaProxy.StartClientAsync(Pki, Pki.Web, new Uri($"https://127.0.0.1:{nginxServer.Port}"));
        await using var nginxClient = await Nginx.StartClientAsync(Pki, Pki.Web, new Uri($"https://127.0.0.1:{haProxyServer.Port}"));

        (await Curl.RunAsync($"http://127.0.0.1:{haProxyClient.Port}/")).Status.Should().Be(200);
        (await Curl.RunAsync($"http://127.0.0.1:{nginxClient.Port}/")).Status.Should().Be(200);
    }

    [Fact]
    public async Task CertificateOfAStranger_IsRefusedByNginx()
    {
        await using var nginx = await Nginx.StartServerAsync(Pki, Pki.Orders, Application.Address);

        var result = await Curl.RunAsync([$"https://localhost:{nginx.Port}/", .. Curl.Identity(Pki, Pki.Foreign)]);

        result.Status.Should().Be(400);
        Application.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task OpenSslClient_GetsAnAnswer()
    {
        await using var nginx = await Nginx.StartServerAsync(Pki, Pki.Orders, Application.Address);

        var result = await OpenSslClient.SendAsync(nginx.Port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", Pki.Web, "-CAfile", Pki.BundleFile);

        result.Output.Should().Contain("200 OK").And.Contain("Verify return code: 0 (ok)");
    }

    [Fact]
    public async Task LoadGenerators_CountTheirAnswers()
    {
        var target = new Uri($"{Application.Address}/status/200");

        (await H2Load.RunAsync(target, 100, 2, 1, "--h1")).Succeeded.Should().Be(100);
        (await Wrk.RunAsync(target, TimeSpan.FromSeconds(1), 2)).Succeeded.Should().BePositive();
        (await Wrk.RunAsync(new Uri($"{Application.Address}/status/500"), TimeSpan.FromSeconds(1), 2)).Succeeded.Should().Be(0);
    }
}
