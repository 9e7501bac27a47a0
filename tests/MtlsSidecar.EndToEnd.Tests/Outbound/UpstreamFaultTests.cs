using System.Net;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Outbound;

/// <summary>The right peer, but slow, dying or one of several.</summary>
public sealed class UpstreamFaultTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task SlowPeer_Is504()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([peer], settings => settings.Set("Outbound:Upstreams:orders:Timeout", "00:00:01"));

        var problem = await ProblemAsync(sidecar, "/wait");

        problem.Status.Should().Be(504);
        problem.Reason.Should().Be("upstream_timeout");
    }

    [Fact]
    public async Task PeerThatClosesWithoutAnAnswer_Is502Reset()
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([peer]);

        var problem = await ProblemAsync(sidecar, "/abort");

        problem.Status.Should().Be(502);
        problem.Reason.Should().Be("upstream_reset");
    }

    [Theory]
    [InlineData("1.1", "Http1")]
    [InlineData("1.1", "Http2")]
    [InlineData("2.0", "Http1")]
    [InlineData("2.0", "Http2")]
    public async Task PeerThatResetsInItsBody_IsNeverTakenForAWholeAnswer(string version, string protocol)
    {
        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([peer], settings => settings.Set("Outbound:Upstreams:orders:Protocol", protocol));
        using var client = PlainClient.Create(Version.Parse(version));

        (await AnsweredWholeAsync(client, sidecar)).Should().BeFalse();
        (await CallAsync(sidecar, "/")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SeveralDestinations_ShareTheWork()
    {
        await using var first = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var second = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([first, second], settings => settings.Set("Outbound:Upstreams:orders:LoadBalancing", "RoundRobin"));

        for (var i = 0; i < 20; i++)
        {
            (await CallAsync(sidecar, "/")).StatusCode.Should().Be(HttpStatusCode.OK);
        }

        first.Requests.Should().HaveCount(10);
        second.Requests.Should().HaveCount(10);
    }

    [Fact]
    public async Task DeadDestinationAmongSeveral_IsLeftOutAfterItsFailures()
    {
        var port = FreePorts.Next();
        await using var alive = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([alive], settings => settings
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), alive.Address, $"https://127.0.0.1:{port}")
            .Set("Outbound:Upstreams:orders:LoadBalancing", "RoundRobin"));

        await Eventually.HoldsAsync(async () => await AllSucceedAsync(sidecar, 20), "only the destination that lives is asked");
    }

    [Fact]
    public async Task RequestThatFailedOver_IsLoggedWithTheDestinationThatAnswered()
    {
        await using var alive = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([alive], settings => settings
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://127.0.0.1:{FreePorts.Next()}", alive.Address)
            .Set("Outbound:Upstreams:orders:LoadBalancing", "FirstAlphabetical"));

        // Whichever comes first by the alphabet, both orders are met: the dead one is tried last only after it failed.
        for (var i = 0; i < 3; i++)
        {
            (await CallAsync(sidecar, $"/logged-{i}")).StatusCode.Should().Be(HttpStatusCode.OK);
            var line = await sidecar.Log.WaitForAsync(line => line["Path"] == $"/logged-{i}" && line["Status"] is not null);
            line["Destination"].Should().Be(alive.Address);
            line["Peer"].Should().Be(WorkloadPki.SpiffeId("orders"));
        }
    }

    [Fact]
    public async Task SeveralDestinationsThatAllFailed_AreLeftOutFor503()
    {
        await using var sidecar = await StartAsync([], settings => settings
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://127.0.0.1:{FreePorts.Next()}", $"https://127.0.0.1:{FreePorts.Next()}"));

        var reasons = new List<string>();
        await Eventually.HoldsAsync(
            async () =>
            {
                var problem = await ProblemAsync(sidecar, "/");
                reasons.Add($"{problem.Status} {problem.Reason}");
                return problem.Reason == "no_healthy_destination";
            },
            "both are out of rotation");

        // Ten requests each must have failed before passive health believes it.
        reasons[^1].Should().Be("503 no_healthy_destination");
        reasons.SkipLast(1).Should().HaveCountGreaterThanOrEqualTo(10).And.OnlyContain(reason => reason == "502 upstream_unreachable");
    }

    [Fact]
    public async Task PeerThatComesBack_IsFoundAgain()
    {
        var port = FreePorts.Next();
        await using var sidecar = await StartAsync([], settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), $"https://127.0.0.1:{port}"));
        (await ProblemAsync(sidecar, "/")).Status.Should().Be(502);

        await using var peer = await HttpApplication.StartPeerAsync(_pki.Orders, port: port);

        await Eventually.HoldsAsync(async () => (await CallAsync(sidecar, "/")).StatusCode == HttpStatusCode.OK, "the peer is found again");
    }

    [Fact]
    public async Task ChangedUpstreams_AreFollowedWithoutARestart()
    {
        await using var first = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var second = await HttpApplication.StartPeerAsync(_pki.Orders);
        await using var sidecar = await StartAsync([first]);
        (await CallAsync(sidecar, "/")).StatusCode.Should().Be(HttpStatusCode.OK);

        sidecar.ReplaceSettings(settings => settings.Upstream("orders", WorkloadPki.SpiffeId("orders"), second.Address));

        await Eventually.HoldsAsync(
            async () =>
            {
                (await CallAsync(sidecar, "/")).StatusCode.Should().Be(HttpStatusCode.OK, "no request is lost by a change");
                return second.Requests.Count > 0;
            },
            "the new destination is asked");
    }

    private static HttpRequestMessage Request(SidecarProcess sidecar, string target) =>
        new(HttpMethod.Get, new Uri(sidecar.Outbound, target)) { Headers = { Host = "orders" } };

    // Cut off in the middle, or 502 if the reset came before anything was passed on.
    private static async Task<bool> AnsweredWholeAsync(HttpClient client, SidecarProcess sidecar)
    {
        try
        {
            using var response = await client.SendAsync(Request(sidecar, "/reset"), HttpCompletionOption.ResponseHeadersRead);
            await response.Content.ReadAsByteArrayAsync();
            return response.StatusCode != HttpStatusCode.BadGateway;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<HttpResponseMessage> CallAsync(SidecarProcess sidecar, string target)
    {
        using var client = PlainClient.Create();
        return await client.SendAsync(Request(sidecar, target));
    }

    private static async Task<Problem> ProblemAsync(SidecarProcess sidecar, string target)
    {
        using var response = await CallAsync(sidecar, target);
        return await Problem.ReadAsync(response);
    }

    private static async Task<bool> AllSucceedAsync(SidecarProcess sidecar, int count)
    {
        for (var i = 0; i < count; i++)
        {
            using var response = await CallAsync(sidecar, "/");
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return false;
            }
        }

        return true;
    }

    private Task<SidecarProcess> StartAsync(HttpApplication[] peers, Action<SidecarSettings>? configure = null)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), [.. peers.Select(peer => peer.Address)]);
        configure?.Invoke(settings);
        return SidecarProcess.StartAsync(settings);
    }
}
