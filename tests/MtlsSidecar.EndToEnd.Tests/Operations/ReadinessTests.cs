using System.Net;
using System.Text.Json;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Operations;

/// <summary>Contract, behaviour 6: what makes a sidecar unready, and what doesn't.</summary>
public sealed class ReadinessTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public static TheoryData<string, string> Causes => new()
    {
        { "own certificate expired", "own certificate expired at" },
        { "own certificate of the future", "own certificate is not valid before" },
        { "trust expired", "all trust anchors have expired" },
    };

    public void Dispose() => _pki.Dispose();

    [Theory]
    [MemberData(nameof(Causes))]
    public async Task SidecarThatCannotServePeers_IsUnreadyWithItsReasonButAlive(string cause, string reason)
    {
        await using var sidecar = SidecarProcess.Launch(SettingsFor(cause).Inbound("http://127.0.0.1:1"));

        // Started: nothing else keeps it from being ready.
        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("startup") == HttpStatusCode.OK, "started");

        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.ServiceUnavailable);
        (await ReasonsAsync(sidecar)).Should().ContainSingle().Which.Should().StartWith(reason);
    }

    [Fact]
    public async Task ApplicationThatIsDown_LeavesTheSidecarReady()
    {
        var settings = SidecarSettings.For("orders", _pki.Orders, _pki).Inbound(SidecarSettings.Loopback(FreePorts.Next())).Allow(WorkloadPki.SpiffeId("web"));
        await using var sidecar = await SidecarProcess.StartAsync(settings);

        (await Fixtures.Peer.StatusAsync(_pki, _pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.ServiceUnavailable);

        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
    }

    private static async Task<IReadOnlyList<string?>> ReasonsAsync(SidecarProcess sidecar)
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(sidecar.Probes, "/healthz/ready"));
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        json.RootElement.GetProperty("status").GetString().Should().Be("unready");
        return [.. json.RootElement.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetString())];
    }

    private SidecarSettings SettingsFor(string cause)
    {
        var now = DateTimeOffset.UtcNow;
        var orders = WorkloadPki.ForWorkload("orders");
        switch (cause)
        {
            case "own certificate expired":
                return SidecarSettings.For("orders", _pki.Issue("expired", orders with { NotBefore = now.AddHours(-2), NotAfter = now.AddHours(-1) }), _pki);
            case "own certificate of the future":
                return SidecarSettings.For("orders", _pki.Issue("future", orders with { NotBefore = now.AddHours(1), NotAfter = now.AddHours(2) }), _pki);
            default:
                // An anchor needs no signature of its own, so that the authority below it may make one in its name that has ended.
                using (var ended = _pki.ForeignRoot.CrossSign(_pki.Root, new IssueOptions { NotBefore = now.AddHours(-2), NotAfter = now.AddHours(-1) }))
                {
                    return SidecarSettings.For("orders", _pki.Orders, _pki).Set("Trust:BundleFile", _pki.Directory.Write("ended.crt", ended.ExportCertificatePem()));
                }
        }
    }
}
