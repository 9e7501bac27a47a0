using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Contract, behaviour 7, while callers keep both cores busy: no request is lost.</summary>
[Collection(nameof(WholeMachine))]
public sealed class DrainUnderLoadTests : HttpHouse
{
    [Theory]
    [InlineData("Http1")]
    [InlineData("Http2")]
    public async Task SigtermUnderLoadWithADelay_LosesNoRequest(string protocol)
    {
        await using var pair = await SidecarPair.StartAsync(
            Pki,
            Application.Address,
            orders => orders.Set("Drain:Delay", "00:00:05"),
            web => web.Set("Outbound:Upstreams:orders:Protocol", protocol));
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(4, () => client.GetAsync(new Uri(pair.Entry, "/load")));
        await load.ProgressAsync(50);

        pair.Orders.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => await pair.Orders.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");

        // Callers learn of it late: they go on for a while, as behind a load balancer.
        (await pair.Orders.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
        await load.ProgressAsync(100);
        await load.StopAsync();

        (await pair.Orders.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
        load.Failures.Should().BeEmpty();
    }

    [Fact]
    public async Task SigtermOfOneOfTwoDestinationsUnderLoad_LosesNoRequest()
    {
        await using var staying = await StartOrdersAsync();
        await using var leaving = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:02"));
        var settings = SidecarSettings.For("web", Pki.Web, Pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), staying.Inbound.ToString(), leaving.Inbound.ToString())
            .Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next()));
        await using var web = await SidecarProcess.StartAsync(settings);
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(4, () => client.GetAsync(new Uri(web.Settings.Text("Outbound:Upstreams:orders:Listen")! + "/load")));
        await load.ProgressAsync(50);

        (await leaving.TerminateAsync()).Should().Be(0);
        await load.ProgressAsync(100);
        await load.StopAsync();

        load.Failures.Should().BeEmpty();
    }

    [Theory]
    [InlineData("wrk", "Http1")]
    [InlineData("wrk", "Http2")]
    [InlineData("h2load", "Http1")]
    [InlineData("h2load", "Http2")]
    public async Task SigtermOfOneOfTwoDestinationsUnderAForeignClientsLoad_LosesNoRequest(string client, string protocol)
    {
        await using var staying = await StartOrdersAsync();
        await using var leaving = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:02"));
        await using var web = await SidecarProcess.StartAsync(SidecarSettings.For("web", Pki.Web, Pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), staying.Inbound.ToString(), leaving.Inbound.ToString())
            .Set("Outbound:Upstreams:orders:Protocol", protocol)
            .Set("Outbound:Upstreams:orders:LoadBalancing", "RoundRobin")
            .Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next())));
        var target = new Uri(web.Settings.Text("Outbound:Upstreams:orders:Listen")! + "/status/204");
        var duration = TimeSpan.FromSeconds(10);
        var load = client == "wrk" ? Wrk.RunAsync(target, duration, connections: 8) : H2Load.RunForAsync(target, duration, connections: 4, streams: 4);
        await Eventually.HoldsAsync(async () => await ServedAsync(leaving) > 50, "it serves");

        // It is gone while the load goes on: through the delay, the closing of its listener and its end.
        (await leaving.TerminateAsync()).Should().Be(0);
        load.IsCompleted.Should().BeFalse("the load outlives the sidecar");
        var served = await ServedAsync(staying);
        var result = await load;

        result.Succeeded.Should().Be(result.Requests, result.Output);
        (await ServedAsync(staying)).Should().BeGreaterThan(served);
    }

    private static async Task<double> ServedAsync(SidecarProcess sidecar) =>
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_requests_total", ("direction", "inbound"));
}
