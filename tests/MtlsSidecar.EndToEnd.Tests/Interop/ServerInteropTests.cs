using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Interop;

/// <summary>Our outbound side calls other people's servers, which demand and verify our certificate.</summary>
public sealed class ServerInteropTests : HttpHouse
{
    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task Nginx_VerifiesUsAndServes(string protocol)
    {
        await using var nginx = await Nginx.StartServerAsync(Pki, Pki.Orders, Application.Address);

        await AssertServedAsync(nginx.Port, protocol, "SUCCESS");
    }

    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task HaProxy_VerifiesUsAndServes(string protocol)
    {
        await using var haProxy = await HaProxy.StartServerAsync(Pki, Pki.Orders, Application.Port, protocol == "Http2" ? "h2" : "http/1.1");

        await AssertServedAsync(haProxy.Port, protocol, "0");
    }

    [Fact]
    public async Task NginxWithAnotherIdentity_IsRefused()
    {
        await using var nginx = await Nginx.StartServerAsync(Pki, Pki.Users, Application.Address);
        await using var sidecar = await StartAsync(nginx.Port, "Http2");

        using var response = await CallAsync(sidecar);

        (await Problem.ReadAsync(response)).RejectionReason.Should().Be("IdentityMismatch");
        Application.BytesReceived.Should().Be(0);
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
        var seen = Application.Requests.Should().ContainSingle().Subject;
        seen.Header("X-Verified").Should().Equal(verified);
        seen.Header("X-Client-Subject").Should().ContainSingle().Which.Should().EndWith("web");
    }

    private Task<SidecarProcess> StartAsync(int port, string protocol) => SidecarProcess.StartAsync(SidecarSettings.For("web", Pki.Web, Pki)
        .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://localhost:{port}")
        .Set("Outbound:Upstreams:orders:Protocol", protocol));
}
