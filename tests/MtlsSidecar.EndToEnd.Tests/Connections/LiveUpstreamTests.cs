using System.Net;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Connections;

/// <summary>Contract, behaviour 5, outbound: the connections to a destination that is no longer acceptable are closed, those to others stay.</summary>
public sealed class LiveUpstreamTests : IAsyncLifetime
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(20);
    private readonly WorkloadPki _pki = new();
    private HttpApplication _orders = null!;
    private HttpApplication _users = null!;
    private SidecarProcess _web = null!;

    public static TheoryData<string> Protocols => new() { "Http1", "Http2" };

    public async Task InitializeAsync()
    {
        _orders = await HttpApplication.StartPeerAsync(_pki.Orders);
        _users = await HttpApplication.StartPeerAsync(_pki.Users);
    }

    public async Task DisposeAsync()
    {
        await _web.DisposeAsync();
        await _orders.DisposeAsync();
        await _users.DisposeAsync();
        _pki.Dispose();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task RevokedDestination_LosesItsOpenStreamAndTheOtherKeepsIts(string protocol)
    {
        await StartAsync(protocol);
        using var orders = await OpenStream.OpenPlainAsync(Entry("orders"));
        using var users = await OpenStream.OpenPlainAsync(Entry("users"));

        _pki.Revoke(_pki.Orders);

        await orders.Ended.WaitAsync(Cut);
        await _web.Log.WaitForAsync(line => line["Reason"] == "Revoked");
        (await ReasonAsync("orders")).Should().Be("upstream_certificate_rejected");
        users.Ended.IsCompleted.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task DestinationThatIsNoLongerExpected_LosesItsOpenStreamAndTheOtherKeepsIts(string protocol)
    {
        await StartAsync(protocol);
        using var orders = await OpenStream.OpenPlainAsync(Entry("orders"));
        using var users = await OpenStream.OpenPlainAsync(Entry("users"));

        _web.ReplaceSettings(settings => settings.Set("Outbound:Upstreams:orders:PeerIdentities", new[] { WorkloadPki.SpiffeId("somebody") }));

        await orders.Ended.WaitAsync(Cut);
        await _web.Log.WaitForAsync(line => line["Reason"] == "IdentityMismatch");
        (await ReasonAsync("orders")).Should().Be("upstream_certificate_rejected");
        users.Ended.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task RotatedOwnCertificate_IsUsedForTheNextRequestAndCutsNothing()
    {
        await StartAsync("Http2");
        using var open = await OpenStream.OpenPlainAsync(Entry("orders"));
        var connections = _orders.Connections;
        var log = _web.Log.Position;

        var renewed = _pki.Issue("renewed", WorkloadPki.ForWorkload("web"));
        File.Copy(renewed.KeyFile, _pki.Web.KeyFile, overwrite: true);
        File.Copy(renewed.CertificateFile, _pki.Web.CertificateFile, overwrite: true);
        await _web.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity", log);
        using var client = PlainClient.Create();
        (await client.GetAsync(new Uri(Entry("orders"), "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);

        _orders.Connections.Should().Be(connections + 1, "the old connection speaks in the old certificate's name");
        open.Ended.IsCompleted.Should().BeFalse();
    }

    private Uri Entry(string upstream) => new(_web.Settings.Text($"Outbound:Upstreams:{upstream}:Listen")!);

    private async Task<string?> ReasonAsync(string upstream)
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(Entry(upstream), "/hello"));
        return (await Problem.ReadAsync(response)).Reason;
    }

    private async Task StartAsync(string protocol)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki);
        foreach (var (name, application) in new[] { ("orders", _orders), ("users", _users) })
        {
            settings
                .Upstream(name, WorkloadPki.SpiffeId(name), $"https://localhost:{application.Port}")
                .Set($"Outbound:Upstreams:{name}:Protocol", protocol)
                .Set($"Outbound:Upstreams:{name}:Listen", SidecarSettings.Loopback(TestKit.Networking.FreePorts.Next()));
        }

        _web = await SidecarProcess.StartAsync(settings);
    }
}
