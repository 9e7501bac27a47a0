using System.Net;
using MtlsSidecar.EndToEnd.Tests.Harness;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>A destination's name that leads elsewhere after a while, as names of services do.</summary>
public sealed class MovingNameTests : IDisposable
{
    private const string Name = "moving.internal";
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [OwnHostsFact]
    public async Task NameThatMoves_IsFollowedWithoutAFailedRequest()
    {
        await using var before = await HttpApplication.StartPeerAsync(_pki.Orders, on: IPAddress.Parse("127.0.0.2"));
        await using var after = await HttpApplication.StartPeerAsync(_pki.Orders, port: before.Port, on: IPAddress.Parse("127.0.0.3"));
        var hosts = new HostsFile(_pki.Directory["hosts"]);
        hosts.Point(Name, "127.0.0.2");
        var settings = SidecarSettings.For("web", _pki.Web, _pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://{Name}:{before.Port}")
            .Set("Outbound:Upstreams:orders:ConnectionLifetime", "00:00:01");
        await using var sidecar = await SidecarProcess.StartAsync(settings, wrap: hosts.Wrap);
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(2, async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/hello")) { Headers = { Host = "orders" } };
            return await client.SendAsync(request);
        });
        await load.ProgressAsync(5);
        after.Requests.Should().BeEmpty();

        hosts.Point(Name, "127.0.0.3");
        await Eventually.HoldsAsync(() => after.Requests.Count > 5, "requests go to the new address");

        await load.StopAsync();
        load.Failures.Should().BeEmpty();
    }
}
