using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Contract, behaviour 7: how the sidecar stops.</summary>
[Collection(nameof(WholeMachine))]
public sealed class DrainTests : IAsyncLifetime
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
    public async Task SigtermUnderLoadWithADelay_LosesNoRequest(string protocol)
    {
        await using var pair = await SidecarPair.StartAsync(
            _pki,
            _application.Address,
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
        await using var staying = await StartAsync();
        await using var leaving = await StartAsync(settings => settings.Set("Drain:Delay", "00:00:02"));
        var settings = SidecarSettings.For("web", _pki.Web, _pki)
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

    [Fact]
    public async Task DuringTheDelay_NewConnectionsAreServedAndToldToClose()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Drain:Delay", "00:00:10"));
        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");

        using var client = MtlsClient.Create(_pki, _pki.Web);
        using var response = await client.GetAsync(new Uri(sidecar.Inbound, "/late"));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.ConnectionClose.Should().BeTrue();
    }

    [Fact]
    public async Task RequestInFlight_FinishesAndNothingNewIsAccepted()
    {
        await using var sidecar = await StartAsync();
        using var client = MtlsClient.Create(_pki, _pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => !await TcpProbe.IsListeningAsync(sidecar.Inbound.Port), "the listener is closed");
        sidecar.Process.HasExited.Should().BeFalse();
        _application.Endpoints.Release();

        (await (await call).Content.ReadAsStringAsync()).Should().Be("released");
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    [Fact]
    public async Task RequestBeyondTheGracePeriod_IsCutAndTheExitCodeSaysSo()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Drain:GracePeriod", "00:00:01"));
        using var client = MtlsClient.Create(_pki, _pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        await call.Invoking(running => running).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Outbound_KeepsWorkingUntilTheLastInboundRequestIsDone()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Users);
        await using var sidecar = await StartAsync(settings => settings.Upstream("users", WorkloadPki.SpiffeId("users"), peer.Address));
        using var client = MtlsClient.Create(_pki, _pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => !await TcpProbe.IsListeningAsync(sidecar.Inbound.Port), "the inbound listener is closed");

        // The request in flight needs another service before it can be answered.
        using var local = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/needed")) { Headers = { Host = "users" } };
        using var needed = await local.SendAsync(request);
        needed.StatusCode.Should().Be(HttpStatusCode.OK);

        _application.Endpoints.Release();
        (await call).StatusCode.Should().Be(HttpStatusCode.OK);
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    [Fact]
    public async Task IdleSidecar_EndsAtOnceWithZero()
    {
        await using var sidecar = await StartAsync();

        (await sidecar.TerminateAsync(TimeSpan.FromSeconds(10))).Should().Be(0);
    }

    [Fact]
    public async Task PostDrain_MakesTheSidecarUnready()
    {
        await using var sidecar = await StartAsync(settings => settings.Set("Drain:Delay", "00:00:10"));

        using var response = await sidecar.PostAsync("/drain");

        response.IsSuccessStatusCode.Should().BeTrue();
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
    }

    private async Task<Task<HttpResponseMessage>> BeginWaitingAsync(HttpClient client, Uri sidecar)
    {
        var call = client.GetAsync(new Uri(sidecar, "/wait"));
        await Eventually.HoldsAsync(() => _application.Endpoints.Waiting > 0, "the request is in flight");
        return call;
    }

    private Task<SidecarProcess> StartAsync(Action<SidecarSettings>? configure = null)
    {
        var settings = SidecarSettings.For("orders", _pki.Orders, _pki).Inbound(_application.Address).Allow(WorkloadPki.SpiffeId("web"));
        configure?.Invoke(settings);
        return SidecarProcess.StartAsync(settings);
    }
}
