using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Operations;

/// <summary>Contract, behaviours 6 and 8: probes, metrics, status and peers, and who may ask.</summary>
public sealed class AdminTests(PairFixture fixture) : IClassFixture<PairFixture>
{
    [Theory]
    [InlineData("/metrics")]
    [InlineData("/status")]
    [InlineData("/peers")]
    public async Task AdminPage_IsForLoopbackNamesOnly(string path)
    {
        var port = fixture.Orders.Admin.Port;

        (await StatusAsync(path, $"127.0.0.1:{port}")).Should().Be(200);
        (await StatusAsync(path, $"localhost:{port}")).Should().Be(200);
        (await StatusAsync(path, $"[::1]:{port}")).Should().Be(200);

        // DNS rebinding: a page of evil.test that resolves to 127.0.0.1.
        (await StatusAsync(path, $"evil.test:{port}")).Should().BeInRange(400, 499);
        (await StatusAsync(path, "127.0.0.1.evil.test")).Should().BeInRange(400, 499);
        (await StatusAsync(path, "")).Should().BeInRange(400, 499);
    }

    [Theory]
    [InlineData("GET", "/status", "http://evil.test")]
    [InlineData("GET", "/status", "null")]
    [InlineData("GET", "/metrics", "http://127.0.0.1")]
    [InlineData("POST", "/reload", "http://localhost")]
    public async Task RequestOfABrowser_IsRefused(string method, string path, string origin)
    {
        (await StatusAsync(path, "127.0.0.1", method, $"Origin: {origin}\r\n")).Should().BeInRange(400, 499);

        (await fixture.Orders.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("POST", "Origin: http://evil.test\r\n")]
    [InlineData("GET", "")]
    public async Task DrainThatNoOperatorAsksFor_IsRefused(string method, string headers)
    {
        // A sidecar of its own: were it drained, nothing else here could tell a fault of its own from this one.
        await using var sidecar = await SidecarProcess.StartAsync(
            SidecarSettings.For("orders", fixture.Pki.Orders, fixture.Pki).Inbound(fixture.Application.Address));

        (await StatusAsync("/drain", "127.0.0.1", method, headers, sidecar)).Should().BeInRange(400, 499);

        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
        sidecar.Log.Lines().Should().NotContain(line => line.Event == "Draining");
    }

    [Theory]
    [InlineData("GET", "/reload")]
    [InlineData("POST", "/status")]
    [InlineData("GET", "/nothing")]
    public async Task WrongMethodOrPath_IsRefused(string method, string path)
    {
        (await StatusAsync(path, "127.0.0.1", method)).Should().BeInRange(400, 499);

        (await fixture.Orders.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("live")]
    [InlineData("ready")]
    [InlineData("startup")]
    public async Task Probe_AnswersJson(string name)
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(fixture.Orders.Probes, $"/healthz/{name}"));

        response.StatusCode.Should().Be(HttpStatusCode.OK);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        json.RootElement.GetProperty("status").GetString().Should().Be("ok");
        json.RootElement.GetProperty("reasons").EnumerateArray().Should().BeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ListenerFullOfConnectionsThatSayNothing_StillAnswers(bool probes)
    {
        var address = probes ? fixture.Orders.Probes : fixture.Orders.Admin;
        var silent = new List<TcpClient>();
        for (var number = 0; number < 80; number++)
        {
            silent.Add(new TcpClient());
            await silent[^1].ConnectAsync(address.Host, address.Port);
        }

        // The oldest made room.
        var ended = async () => await silent[0].GetStream().ReadAsync(new byte[1]) == 0;
        try
        {
            (await ended().WaitAsync(Eventually.DefaultTimeout)).Should().BeTrue();
        }
        catch (IOException)
        {
            // Reset.
        }

        (await fixture.Orders.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
        (await fixture.Orders.StatusAsync()).GetProperty("name").GetString().Should().Be("orders");
        silent.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task ProbeConnection_EndsWithItsAnswer()
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(fixture.Orders.Probes, "/healthz/live"));

        response.Headers.ConnectionClose.Should().BeTrue();
    }

    [Fact]
    public async Task ProbeListener_ServesNothingElse()
    {
        using var client = PlainClient.Create();

        foreach (var path in new[] { "/metrics", "/status", "/peers", "/" })
        {
            (await client.GetAsync(new Uri(fixture.Orders.Probes, path))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Status_HasEveryFieldOfTheContract()
    {
        await CallAsync();

        var status = await fixture.Orders.StatusAsync();

        status.GetProperty("name").GetString().Should().Be("orders");
        status.GetProperty("version").GetString().Should().MatchRegex(@"^\d+\.\d+\.\d+");
        status.GetProperty("uptimeSeconds").GetDouble().Should().BePositive();
        var identity = status.GetProperty("identity");
        identity.GetProperty("subject").GetString().Should().Be("CN=orders");
        identity.GetProperty("spiffeId").GetString().Should().Be(WorkloadPki.SpiffeId("orders"));
        identity.GetProperty("notAfter").GetDateTimeOffset().Should().BeCloseTo(fixture.Pki.Orders.Certificate.Certificate.NotAfter, TimeSpan.FromSeconds(1));
        identity.GetProperty("lastError").ValueKind.Should().Be(JsonValueKind.Null);
        var trust = status.GetProperty("trust").EnumerateArray().Should().ContainSingle().Subject;
        trust.GetProperty("trustDomain").GetString().Should().Be(WorkloadPki.TrustDomain);
        trust.GetProperty("anchors").GetInt32().Should().Be(1);
        trust.TryGetProperty("lastError", out _).Should().BeTrue();
        var crl = status.GetProperty("crls").EnumerateArray().Should().HaveCount(2).And.Subject.Single(one => one.GetProperty("issuer").GetString()!.Contains("Foo Issuing"));
        crl.GetProperty("entries").GetInt32().Should().Be(0);
        crl.GetProperty("nextUpdate").GetDateTimeOffset().Should().BeAfter(DateTimeOffset.UtcNow);
        crl.GetProperty("thisUpdate").GetDateTimeOffset().Should().BeBefore(DateTimeOffset.UtcNow);
        crl.TryGetProperty("number", out _).Should().BeTrue();
        crl.GetProperty("source").GetString().Should().Contain("ca.crl");
        var connections = status.GetProperty("connections");
        connections.GetProperty("inbound").GetInt32().Should().BePositive();
        connections.GetProperty("outbound").GetInt32().Should().Be(0);
        connections.GetProperty("tunnels").GetInt32().Should().Be(0);
        status.GetProperty("lastRefusals").ValueKind.Should().Be(JsonValueKind.Array);
    }

    [Fact]
    public async Task Peers_ShowsWhoIsConnected()
    {
        await CallAsync();

        (await fixture.Orders.PeersAsync()).GetRawText().Should().Contain(WorkloadPki.SpiffeId("web"));
        (await fixture.Web.PeersAsync()).GetRawText().Should().Contain(WorkloadPki.SpiffeId("orders"));
    }

    [Fact]
    public async Task Metrics_HaveTheNamesOfTheContract()
    {
        await CallAsync();

        // A request is counted after its answer has gone out.
        await Eventually.HoldsAsync(
            async () => Requests(await fixture.Orders.MetricsAsync(), "inbound") > 0 && Requests(await fixture.Web.MetricsAsync(), "outbound") > 0,
            "the request is counted on both sides");
        var orders = await fixture.Orders.MetricsAsync();
        var web = await fixture.Web.MetricsAsync();

        orders.Names.Should().Contain([
            "mtls_sidecar_handshakes_total", "mtls_sidecar_handshake_duration_seconds_count", "mtls_sidecar_connections", "mtls_sidecar_requests_total",
            "mtls_sidecar_request_duration_seconds_bucket", "mtls_sidecar_authorization_decisions_total", "mtls_sidecar_certificate_not_after_timestamp_seconds",
            "mtls_sidecar_crl_next_update_timestamp_seconds", "mtls_sidecar_crl_entries", "mtls_sidecar_build_info"]);
        orders.Sum("mtls_sidecar_connections", ("direction", "inbound")).Should().BePositive();
        web.Sum("mtls_sidecar_connections", ("direction", "outbound")).Should().BePositive();
        web.Sum("mtls_sidecar_handshakes_total", ("direction", "outbound")).Should().BePositive();
        var notAfter = new DateTimeOffset(fixture.Pki.Orders.Certificate.Certificate.NotAfter).ToUnixTimeSeconds();
        orders.Sum("mtls_sidecar_certificate_not_after_timestamp_seconds").Should().BeGreaterThanOrEqualTo(notAfter);
        orders.Names.Should().Contain(name => name.StartsWith("kestrel_"), "the platform's own meters are there too");
        orders.Names.Should().Contain(name => name.StartsWith("dotnet_") || name.StartsWith("process_"));
    }

    [Fact]
    public async Task Metrics_AreInPrometheusTextFormat()
    {
        await CallAsync();
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(fixture.Orders.Admin, "/metrics"));
        var text = await response.Content.ReadAsStringAsync();

        response.Content.Headers.ContentType!.ToString().Should().StartWith("text/plain; version=0.0.4");
        text.Should().Contain("# TYPE mtls_sidecar_handshakes_total counter").And.EndWith("\n").And.NotContain("\r");
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(line => line.StartsWith("# ") || char.IsAsciiLetter(line[0]));
        var types = text.Split('\n').Where(line => line.StartsWith("# TYPE ")).Select(line => line.Split(' ')[2]);
        types.Should().OnlyHaveUniqueItems("a family is announced once");
    }

    private static double Requests(MetricsText metrics, string direction)
        => metrics.Sum("mtls_sidecar_requests_total", ("direction", direction), ("code", "200"));

    private async Task CallAsync()
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(fixture.At("/seen"));
        response.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    private async Task<int> StatusAsync(string path, string host, string method = "GET", string headers = "", SidecarProcess? sidecar = null)
    {
        await using var connection = await WireConnection.ConnectPlainAsync((sidecar ?? fixture.Orders).Admin.Port);
        return RawResponse.Parse(await connection.ExchangeAsync($"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")).Status;
    }
}
