using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Contract, behaviour 7: how the sidecar stops.</summary>
public sealed class DrainTests : HttpHouse
{
    [Fact]
    public async Task DuringTheDelay_MultiplexedConnectionsAreToldToGo()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:30"));
        await using var wire = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port, alpn: System.Net.Security.SslApplicationProtocol.Http2);
        var connection = await Http2Connection.StartAsync(wire.Stream);
        await connection.SendHeadersAsync(1, "GET", "/before", "orders");
        (await connection.ReadStatusAsync(1)).Should().Be(200);

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await connection.ReadToEndAsync();

        connection.GoAwayError.Should().Be(0, "NO_ERROR: nothing is wrong, dial again (RFC 9113 §6.8)");
        sidecar.Process.HasExited.Should().BeFalse();
        (await TcpProbe.IsListeningAsync(sidecar.Inbound.Port)).Should().BeTrue("it is still the delay");
    }

    [Fact]
    public async Task DuringTheDelay_AKeptConnectionIsToldToCloseAndClosed()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:30"));
        await using var connection = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port);
        await connection.SendAsync("GET /status/204 HTTP/1.1\r\nHost: orders\r\n\r\n");
        (await connection.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 204").And.NotContainEquivalentOf("connection: close");

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");
        var answer = await connection.ExchangeAsync("GET /status/204 HTTP/1.1\r\nHost: orders\r\n\r\n");

        answer.Should().Contain("HTTP/1.1 204").And.ContainEquivalentOf("connection: close");
    }

    [Fact]
    public async Task DuringTheDelay_NewConnectionsAreServedAndToldToClose()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:10"));
        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");

        using var client = MtlsClient.Create(Pki, Pki.Web);
        using var response = await client.GetAsync(new Uri(sidecar.Inbound, "/late"));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        response.Headers.ConnectionClose.Should().BeTrue();
    }

    [Fact]
    public async Task RequestInFlight_FinishesAndNothingNewIsAccepted()
    {
        await using var sidecar = await StartOrdersAsync();
        using var client = MtlsClient.Create(Pki, Pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => !await TcpProbe.IsListeningAsync(sidecar.Inbound.Port), "the listener is closed");
        sidecar.Process.HasExited.Should().BeFalse();
        Application.Endpoints.Release();

        (await (await call).Content.ReadAsStringAsync()).Should().Be("released");
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    [Fact]
    public async Task RequestBeyondTheGracePeriod_IsCutAndTheExitCodeSaysSo()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:GracePeriod", "00:00:01"));
        using var client = MtlsClient.Create(Pki, Pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        await call.Invoking(running => running).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Outbound_KeepsWorkingUntilTheLastInboundRequestIsDone()
    {
        await using var peer = await HttpApplication.StartPeerAsync(Pki.Users);
        await using var sidecar = await StartOrdersAsync(settings => settings.Upstream("users", WorkloadPki.SpiffeId("users"), peer.Address));
        using var client = MtlsClient.Create(Pki, Pki.Web);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        sidecar.Process.Signal(ProcessSignal.Terminate);
        await Eventually.HoldsAsync(async () => !await TcpProbe.IsListeningAsync(sidecar.Inbound.Port), "the inbound listener is closed");

        // The request in flight needs another service before it can be answered.
        using var local = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/needed")) { Headers = { Host = "users" } };
        using var needed = await local.SendAsync(request);
        needed.StatusCode.Should().Be(HttpStatusCode.OK);

        Application.Endpoints.Release();
        (await call).StatusCode.Should().Be(HttpStatusCode.OK);
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    [Fact]
    public async Task IdleSidecar_EndsAtOnceWithZero()
    {
        await using var sidecar = await StartOrdersAsync();

        (await sidecar.TerminateAsync(TimeSpan.FromSeconds(10))).Should().Be(0);
    }

    [Fact]
    public async Task PostDrain_MakesTheSidecarUnready()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:10"));

        using var response = await sidecar.PostAsync("/drain");

        response.IsSuccessStatusCode.Should().BeTrue();
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready");
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task PostDrain_EndsTheProcessWithZero()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:Delay", "00:00:01"));

        using var response = await sidecar.PostAsync("/drain");

        response.StatusCode.Should().Be(HttpStatusCode.Accepted);
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(0);
    }

    [Fact]
    public async Task PostDrainThatCutsARequest_EndsTheProcessWithOne()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Drain:GracePeriod", "00:00:01"));
        using var client = MtlsClient.Create(Pki, Pki.Web, HttpVersion.Version20);
        var call = await BeginWaitingAsync(client, sidecar.Inbound);

        using var response = await sidecar.PostAsync("/drain");

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        await call.Invoking(running => running).Should().ThrowAsync<HttpRequestException>();
        (await sidecar.Log.WaitForEventAsync("Drained"))["Left"].Should().Be("1");
    }

    private async Task<Task<HttpResponseMessage>> BeginWaitingAsync(HttpClient client, Uri sidecar)
    {
        var call = client.GetAsync(new Uri(sidecar, "/wait"));
        await Eventually.HoldsAsync(() => Application.Endpoints.Waiting > 0, "the request is in flight");
        return call;
    }
}
