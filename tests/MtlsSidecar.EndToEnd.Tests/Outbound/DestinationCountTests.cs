using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>With one destination a request goes straight to the forwarder, with several through YARP's stages: nobody may see a difference.</summary>
public sealed class DestinationCountTests : IAsyncLifetime
{
    private readonly WorkloadPki _pki = new();
    private readonly List<HttpApplication> _peers = [];

    public async Task InitializeAsync() => _peers.AddRange([await HttpApplication.StartPeerAsync(_pki.Orders), await HttpApplication.StartPeerAsync(_pki.Orders)]);

    public async Task DisposeAsync()
    {
        foreach (var peer in _peers)
        {
            await peer.DisposeAsync();
        }

        _pki.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Request_ArrivesAsTheCallerWroteIt(int destinations)
    {
        await using var sidecar = await StartAsync(destinations);

        var result = await CallAsync(sidecar, "/a%2Fb/%7Ec?q=%41", "Host: ORDERS:81", "Connection: X-Hop", "X-Hop: 1", "X-Forwarded-For: 203.0.113.9");

        result.Status.Should().Be(200, result.Error);
        var seen = _peers.SelectMany(peer => peer.Requests).Should().ContainSingle().Subject;
        seen.Target.Should().Be("/a%2Fb/%7Ec?q=%41");
        seen.Header("Host").Should().Equal("ORDERS:81");
        seen.Header("X-Forwarded-For").Should().Equal("203.0.113.9");
        seen.Header("X-Hop").Should().BeEmpty();
        seen.Headers.Keys.Should().NotContain(["X-Forwarded-Host", "X-Forwarded-Proto"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HeadersNamedByThePeersConnection_AreNotForwarded(int destinations)
    {
        await using var sidecar = await StartAsync(destinations);

        var result = await CallAsync(sidecar, "/hop", "Host: orders");

        result.Status.Should().Be(200, result.Error);
        result.Body.Should().ContainEquivalentOf("x-end: everybody").And.NotContainEquivalentOf("x-hop: only");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HeaderOfABody_MakesNoBody(int destinations)
    {
        await using var sidecar = await StartAsync(destinations);

        var result = await CallAsync(sidecar, "/", "Host: orders", "Content-Type: application/json");

        result.Status.Should().Be(200, result.Error);
        var seen = _peers.SelectMany(peer => peer.Requests).Should().ContainSingle().Subject;
        seen.Header("Content-Type").Should().Equal("application/json");
        seen.Header("Transfer-Encoding").Should().BeEmpty();
    }

    private static Task<CurlResult> CallAsync(SidecarProcess sidecar, string target, params string[] headers) => Curl.RunAsync(
        ["--include", "--path-as-is", .. headers.SelectMany(header => (string[])["--header", header]), sidecar.Outbound.ToString().TrimEnd('/') + target]);

    private Task<SidecarProcess> StartAsync(int destinations)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), [.. _peers.Take(destinations).Select(peer => peer.Address)])
            .Set("Outbound:Upstreams:orders:Protocol", "Http1");
        return SidecarProcess.StartAsync(settings);
    }
}
