using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

/// <summary>The real peers talk to each other without any sidecar: what fails in their tests with one is then the sidecar's.</summary>
public sealed class PeersTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;

    public async Task InitializeAsync() => _application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Fact]
    public async Task Curl_ReachesTheApplicationThroughNginxWithMutualTls()
    {
        await using var nginx = await Nginx.StartServerAsync(_pki, _pki.Orders, _application.Address);

        var result = await Curl.RunAsync([$"https://localhost:{nginx.Port}/hello", .. Curl.Identity(_pki, _pki.Web)]);

        result.Status.Should().Be(200, result.Error + result.Body);
        _application.Requests.Should().ContainSingle().Which.Header("X-Verified").Should().Equal("SUCCESS");
    }

    [Fact]
    public async Task HaProxy_ReachesNginxAndNginxReachesHaProxyWithMutualTls()
    {
        await using var nginxServer = await Nginx.StartServerAsync(_pki, _pki.Orders, _application.Address);
        await using var haProxyServer = await HaProxy.StartServerAsync(_pki, _pki.Orders, _application.Port);
        await using var haProxyClient = await HaProxy.StartClientAsync(_pki, _pki.Web, new Uri($"https://127.0.0.1:{nginxServer.Port}"));
        await using var nginxClient = await Nginx.StartClientAsync(_pki, _pki.Web, new Uri($"https://127.0.0.1:{haProxyServer.Port}"));

        (await Curl.RunAsync($"http://127.0.0.1:{haProxyClient.Port}/")).Status.Should().Be(200);
        (await Curl.RunAsync($"http://127.0.0.1:{nginxClient.Port}/")).Status.Should().Be(200);
    }

    [Fact]
    public async Task CertificateOfAStranger_IsRefusedByNginx()
    {
        await using var nginx = await Nginx.StartServerAsync(_pki, _pki.Orders, _application.Address);

        var result = await Curl.RunAsync([$"https://localhost:{nginx.Port}/", .. Curl.Identity(_pki, _pki.Foreign)]);

        result.Status.Should().Be(400);
        _application.BytesReceived.Should().Be(0);
    }

    [Fact]
    public async Task OpenSslClient_GetsAnAnswer()
    {
        await using var nginx = await Nginx.StartServerAsync(_pki, _pki.Orders, _application.Address);

        var result = await OpenSslClient.SendAsync(nginx.Port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", _pki.Web, "-CAfile", _pki.BundleFile);

        result.Output.Should().Contain("200 OK").And.Contain("Verify return code: 0 (ok)");
    }

    [Fact]
    public async Task LoadGenerators_CountTheirAnswers()
    {
        var target = new Uri($"{_application.Address}/status/200");

        (await H2Load.RunAsync(target, 100, 2, 1, "--h1")).Succeeded.Should().Be(100);
        (await Wrk.RunAsync(target, TimeSpan.FromSeconds(1), 2)).Succeeded.Should().BePositive();
        (await Wrk.RunAsync(new Uri($"{_application.Address}/status/500"), TimeSpan.FromSeconds(1), 2)).Succeeded.Should().Be(0);
    }
}
