using System.Net;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Interop;

/// <summary>Our outbound side calls other people's servers, which demand and verify our certificate.</summary>
public sealed class ServerInteropTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private HttpApplication _application = null!;

    public async Task InitializeAsync() => _application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _pki.Dispose();
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task Nginx_VerifiesUsAndServes(string protocol)
    {
        await using var nginx = await Nginx.StartServerAsync(_pki, _pki.Orders, _application.Address);

        await AssertServedAsync(nginx.Port, protocol, "SUCCESS");
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task HaProxy_VerifiesUsAndServes(string protocol)
    {
        await using var haProxy = await HaProxy.StartServerAsync(_pki, _pki.Orders, _application.Port, protocol == "Http2" ? "h2" : "http/1.1");

        await AssertServedAsync(haProxy.Port, protocol, "0");
    }

    [Fact]
    public async Task NginxWithAnotherIdentity_IsRefused()
    {
        await using var nginx = await Nginx.StartServerAsync(_pki, _pki.Users, _application.Address);
        await using var sidecar = await StartAsync(nginx.Port, "Http2");

        using var response = await CallAsync(sidecar);

        (await Problem.ReadAsync(response)).RejectionReason.Should().Be("IdentityMismatch");
        _application.BytesReceived.Should().Be(0);
    }

    private static async Task<HttpResponseMessage> CallAsync(SidecarProcess sidecar)
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(sidecar.Outbound, "/interop"))
        {
            Headers = { Host = "orders" },
            Content = new BodyPatternContent(300_000),
        };
        return await client.SendAsync(request);
    }

    private async Task AssertServedAsync(int port, string protocol, string verified)
    {
        await using var sidecar = await StartAsync(port, protocol);

        using var response = await CallAsync(sidecar);

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).Should().Contain(BodyPattern.Sha256(300_000));
        var seen = _application.Requests.Should().ContainSingle().Subject;
        seen.Header("X-Verified").Should().Equal(verified);
        seen.Header("X-Client-Subject").Should().ContainSingle().Which.Should().EndWith("web");
    }

    private Task<SidecarProcess> StartAsync(int port, string protocol) => SidecarProcess.StartAsync(SidecarSettings.For("web", _pki.Web, _pki)
        .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://localhost:{port}")
        .Set("Outbound:Upstreams:orders:Protocol", protocol));
}
