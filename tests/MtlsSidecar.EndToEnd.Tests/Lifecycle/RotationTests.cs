using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Certificates, keys and bundles change while the sidecar runs; nothing is dropped, and nothing broken is taken over.</summary>
public sealed class RotationTests : HttpHouse
{
    [Fact]
    public async Task RotatedCertificate_IsPresentedToTheNextPeer()
    {
        await using var sidecar = await StartOrdersAsync();
        var renewed = Pki.Issue("renewed", WorkloadPki.ForWorkload("orders"));

        Replace(Pki.Orders, renewed);
        await EventuallyPresentsAsync(sidecar, renewed);

        (await PresentedSerialAsync(sidecar)).Should().Be(renewed.Serial);
        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task IntermediateAddedUnderTheSameLeaf_IsPresentedWithoutARestart()
    {
        var leaf = Pki.Orders.Certificate;
        AtomicRename.Write(Pki.Orders.CertificateFile, leaf.Certificate.ExportCertificatePem() + "\n");
        await using var sidecar = await StartOrdersAsync();
        await FluentActions.Awaiting(() => PresentedSerialAsync(sidecar)).Should().ThrowAsync<AuthenticationException>("the peer can't build a path yet");
        var log = sidecar.Log.Position;

        AtomicRename.Write(Pki.Orders.CertificateFile, leaf.CertificatePem);
        await sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "identity", log);

        (await PresentedSerialAsync(sidecar)).Should().Be(Pki.Orders.Serial);
    }

    [Fact]
    public async Task RotatedCertificate_EndsKeptConnectionsWithTheirNextAnswer()
    {
        const string Request = "GET /hello HTTP/1.1\r\nHost: orders\r\n\r\n";
        await using var sidecar = await StartOrdersAsync();
        await using var kept = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port);
        await kept.SendAsync(Request);
        (await kept.ReadUntilAsync("\r\n0\r\n\r\n")).Should().StartWith("HTTP/1.1 200").And.NotContain("Connection: close");
        var renewed = Pki.Issue("renewed", WorkloadPki.ForWorkload("orders"));
        Replace(Pki.Orders, renewed);
        await EventuallyPresentsAsync(sidecar, renewed);

        (await kept.ExchangeAsync(Request)).Should().StartWith("HTTP/1.1 200").And.Contain("Connection: close");

        await using var next = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port);
        await next.SendAsync(Request);
        (await next.ReadUntilAsync("\r\n0\r\n\r\n")).Should().StartWith("HTTP/1.1 200").And.NotContain("Connection: close");
    }

    [Fact]
    public async Task KeptConnectionFromBeforeARotation_StillSwitchesToWebSocket()
    {
        await using var sidecar = await StartOrdersAsync();
        await using var kept = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port);
        var renewed = Pki.Issue("renewed", WorkloadPki.ForWorkload("orders"));
        Replace(Pki.Orders, renewed);
        await EventuallyPresentsAsync(sidecar, renewed);

        await kept.SendAsync(
            "GET /websocket HTTP/1.1\r\nHost: orders\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        (await kept.ReadUntilAsync("\r\n\r\n")).Should().StartWith("HTTP/1.1 101").And.Contain("Connection: Upgrade");
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("mismatch")]
    [InlineData("missing")]
    [InlineData("empty")]
    public async Task BrokenNewPair_KeepsTheOldOneIsLoudAndHealsByItself(string fault)
    {
        await using var sidecar = await StartOrdersAsync();
        var log = sidecar.Log.Position;

        Break(fault);
        var line = await sidecar.Log.WaitForAsync(line => line.Level == "Error", log);

        line.Text.Should().NotContain("PRIVATE KEY");
        (await PresentedSerialAsync(sidecar)).Should().Be(Pki.Orders.Serial);
        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
        (await LastErrorAsync(sidecar)).ValueKind.Should().Be(JsonValueKind.String);
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_reloads_total", ("result", "failure")).Should().BePositive();

        var renewed = Pki.Issue("renewed", WorkloadPki.ForWorkload("orders"));
        Replace(Pki.Orders, renewed);
        await EventuallyPresentsAsync(sidecar, renewed);
        (await LastErrorAsync(sidecar)).ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task BundleWithAFurtherAnchor_LetsItsPeersInAndGarbageChangesNothing()
    {
        await using var sidecar = await StartOrdersAsync(settings => settings.Set("Validation:Revocation", "Off"));
        (await Peer.StatusAsync(Pki, Pki.Foreign, sidecar.Inbound)).Should().BeNull();

        AtomicRename.Write(Pki.BundleFile, Pki.Root.Certificate.ExportCertificatePem() + "\n" + Pki.ForeignRoot.Certificate.ExportCertificatePem() + "\n");
        await Eventually.HoldsAsync(
            async () => await Peer.StatusAsync(Pki, Pki.Foreign, sidecar.Inbound) == HttpStatusCode.OK, "the new anchor counts");

        var log = sidecar.Log.Position;
        AtomicRename.Write(Pki.BundleFile, "garbage");
        await sidecar.Log.WaitForAsync(line => line.Level == "Error", log);
        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Reload_IsAlsoDoneOnRequest()
    {
        await using var sidecar = await StartOrdersAsync();
        var renewed = Pki.Issue("renewed", WorkloadPki.ForWorkload("orders"));
        Replace(Pki.Orders, renewed);

        using var response = await sidecar.PostAsync("/reload");

        response.IsSuccessStatusCode.Should().BeTrue();
        (await PresentedSerialAsync(sidecar)).Should().Be(renewed.Serial);
    }

    [Fact]
    public async Task BrokenConfiguration_KeepsTheOldOneIsLoudAndHealsByItself()
    {
        await using var sidecar = await StartOrdersAsync();
        (await ConfigurationErrorAsync(sidecar)).Should().BeNull();
        var log = sidecar.Log.Position;

        AtomicRename.Write(sidecar.SettingsFile, "{ \"Sidecar\": { \"Inbound\": { \"Lisen\": 1 } } }");
        await sidecar.Log.WaitForAsync(line => line.Level == "Error" && line["What"] == "configuration", log);

        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.OK);
        (await ConfigurationErrorAsync(sidecar)).Should().Contain("Sidecar:Inbound:Lisen").And.Contain("Sidecar:Trust");
        (await ReloadsAsync(sidecar, "failure")).Should().Be(1);
        (await ReloadsAsync(sidecar, "success")).Should().Be(0);

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies"));
        await sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "configuration", log);
        (await ConfigurationErrorAsync(sidecar)).Should().BeNull();
        (await ReloadsAsync(sidecar, "success")).Should().Be(1);
    }

    [Fact]
    public async Task ConfigurationThatNeedsARestart_IsTakenOverByNoPartOfIt()
    {
        await using var sidecar = await StartOrdersAsync();
        var log = sidecar.Log.Position;

        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Set("Name", "renamed"));
        await sidecar.Log.WaitForAsync(line => line.Event == "ReloadFailed", log);

        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK, "the old policies are in force");
        (await ConfigurationErrorAsync(sidecar)).Should().Contain("Sidecar:Name");
    }

    [Fact]
    public async Task ExpiredOwnCertificate_MakesTheSidecarUnready()
    {
        var brief = Pki.Issue("brief", WorkloadPki.ForWorkload("orders") with { NotAfter = DateTimeOffset.UtcNow.AddSeconds(12) });
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("orders", brief, Pki).Inbound(Application.Address));

        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready after the expiry");

        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
    }

    private static async Task<JsonElement> LastErrorAsync(SidecarProcess sidecar) => (await sidecar.StatusAsync()).GetProperty("identity").GetProperty("lastError");

    private static async Task<string?> ConfigurationErrorAsync(SidecarProcess sidecar) =>
        (await sidecar.StatusAsync()).GetProperty("configuration").GetProperty("lastError").GetString();

    private static async Task<double> ReloadsAsync(SidecarProcess sidecar, string result) =>
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_reloads_total", ("what", "configuration"), ("result", result));

    private static void Replace(WorkloadFiles old, WorkloadFiles renewed)
    {
        AtomicRename.Write(old.KeyFile, renewed.Certificate.KeyPem);
        AtomicRename.Write(old.CertificateFile, renewed.Certificate.CertificatePem);
    }

    private void Break(string fault)
    {
        switch (fault)
        {
            case "garbage":
                AtomicRename.Write(Pki.Orders.CertificateFile, "-----BEGIN CERTIFICATE-----\nZ2FyYmFnZQ==\n-----END CERTIFICATE-----\n");
                break;
            case "mismatch":
                AtomicRename.Write(Pki.Orders.KeyFile, Pki.Users.Certificate.KeyPem);
                break;
            case "empty":
                AtomicRename.Write(Pki.Orders.CertificateFile, "");
                break;
            default:
                File.Delete(Pki.Orders.KeyFile);
                break;
        }
    }

    private Task EventuallyPresentsAsync(SidecarProcess sidecar, WorkloadFiles renewed) =>
        Eventually.HoldsAsync(async () => await PresentedSerialAsync(sidecar) == renewed.Serial, "the new certificate is presented");

    private async Task<string> PresentedSerialAsync(SidecarProcess sidecar)
    {
        await using var connection = await WireConnection.ConnectAsync(Pki, Pki.Web, sidecar.Inbound.Port);
        return ((System.Net.Security.SslStream)connection.Stream).RemoteCertificate!.GetSerialNumberString();
    }
}
