using System.Net;
using System.Text.Json;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Operations;

/// <summary>Contract, behaviour 9: one JSON object a line; an access line for each request; nothing secret, ever.</summary>
public sealed class LogTests(PairFixture fixture) : IClassFixture<PairFixture>
{
    private const string Secret = "s3cr3t-value-of-a-caller";

    [Fact]
    public async Task EveryRequest_HasAnAccessLineOnBothSides()
    {
        var (orders, web) = (fixture.Orders.Log.Position, fixture.Web.Log.Position);
        using var client = PlainClient.Create();
        using var response = await client.PostAsync(fixture.At("/logged?token=hidden"), new StringContent("12345"));
        var length = (await response.Content.ReadAsByteArrayAsync()).Length;

        var inbound = await AccessLineAsync(fixture.Orders.Log, orders);
        var outbound = await AccessLineAsync(fixture.Web.Log, web);

        inbound["Listener"].Should().Be("Inbound");
        inbound["Peer"].Should().Be(WorkloadPki.SpiffeId("web"));
        inbound["Method"].Should().Be("POST");
        inbound["Path"].Should().Be("/logged");
        inbound["Status"].Should().Be("200");
        inbound["BytesReceived"].Should().Be("5");
        inbound["BytesSent"].Should().Be($"{length}");
        inbound.Text.Should().Contain("Duration");
        outbound["Path"].Should().Be("/logged");
        outbound["Listener"].Should().StartWith("Outbound");
        outbound["Peer"].Should().Be(WorkloadPki.SpiffeId("orders"));
        outbound["Destination"].Should().Be(fixture.Orders.Settings.Text("Inbound:Listen"));
        inbound["Destination"].Should().Be("null");
        inbound.Text.Should().NotContain("hidden");
        outbound.Text.Should().NotContain("hidden");
    }

    [Fact]
    public async Task DeniedRequest_HasItsAccessLineToo()
    {
        var log = fixture.Orders.Log.Position;
        (await Peer.StatusAsync(fixture.Pki, fixture.Pki.Users, fixture.Orders.Inbound, "/logged")).Should().Be(HttpStatusCode.Forbidden);

        var line = await AccessLineAsync(fixture.Orders.Log, log);

        line["Status"].Should().Be("403");
        line["Peer"].Should().Be(WorkloadPki.SpiffeId("users"));
    }

    [Fact]
    public async Task RequestThatNobodyAnswered_HasADestinationAndNoPeer()
    {
        var nowhere = $"https://127.0.0.1:{FreePorts.Next()}";
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("web", fixture.Pki.Web, fixture.Pki).Upstream("orders", null, nowhere));
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Outbound, "/logged")) { Headers = { Host = "orders" } };
        using var response = await client.SendAsync(request);

        var line = await AccessLineAsync(sidecar.Log, 0);

        line["Status"].Should().Be("502");
        line["Reason"].Should().Be("upstream_unreachable");
        line["Destination"].Should().Be(nowhere);
        line["Peer"].Should().Be("null");
    }

    [Fact]
    public async Task HeaderValuesQueriesBodiesAndKeys_AreNeverLogged()
    {
        using var client = PlainClient.Create();
        using var request = new HttpRequestMessage(HttpMethod.Post, fixture.At($"/logged?q={Secret}")) { Content = new StringContent(Secret) };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Secret}");
        request.Headers.TryAddWithoutValidation("Cookie", Secret);
        request.Headers.TryAddWithoutValidation("X-Forwarded-Client-Cert", Secret);
        var log = fixture.Orders.Log.Position;
        using var response = await client.SendAsync(request);
        await AccessLineAsync(fixture.Orders.Log, log);

        foreach (var sidecar in new[] { fixture.Orders, fixture.Web })
        {
            var all = sidecar.Process.Output + "\n" + sidecar.Process.Error;
            all.Should().NotContain(Secret).And.NotContain("PRIVATE KEY");
        }
    }

    [Fact]
    public async Task LineOfALog_IsOneJsonObjectAndNothingElse()
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(fixture.At("/logged%0a%22%7d"));

        foreach (var line in fixture.Orders.Process.Output.Snapshot().Concat(fixture.Web.Process.Output.Snapshot()))
        {
            using var json = JsonDocument.Parse(line);
            json.RootElement.ValueKind.Should().Be(JsonValueKind.Object);
        }
    }

    [Fact]
    public async Task StartAndStop_AreLogged()
    {
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("web", fixture.Pki.Web, fixture.Pki));

        (await sidecar.TerminateAsync()).Should().Be(0);

        var lines = sidecar.Log.Lines().ToList();
        var bound = lines.Where(line => line.Event == "ListenerBound").ToList();
        bound.Select(line => line["Listener"]).Should().Contain(["Admin", "Probes"]).And.OnlyHaveUniqueItems();
        bound.Should().OnlyContain(line => line.Level == "Information" && !line["Address"]!.EndsWith(":0", StringComparison.Ordinal));
        lines.Where(line => line.Event is "Draining" or "Drained").Select(line => (line.Event, line.Level, line["Left"]))
            .Should().Equal(("Draining", "Information", null), ("Drained", "Information", "0"));
    }

    private static Task<LogLine> AccessLineAsync(SidecarLog log, int from) => log.WaitForAsync(line => line["Path"] == "/logged" && line["Status"] is not null, from);
}
