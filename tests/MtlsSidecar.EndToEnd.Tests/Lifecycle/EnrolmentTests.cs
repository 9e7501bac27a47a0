using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Sidecars that enrol at a real authority with a token, and renew by themselves.</summary>
public sealed class EnrolmentTests : EnrolmentHouse
{
    [Fact]
    public async Task TwoSidecarsWithTokens_EnrolAndCallEachOther()
    {
        Authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);

        (await CallAsync(web)).Should().Be(HttpStatusCode.OK);

        (await orders.StatusAsync()).GetProperty("identity").GetProperty("spiffeId").GetString().Should().Be(Orders);
        var metrics = await orders.MetricsAsync();
        metrics.Sum("mtls_sidecar_reloads_total", ("what", "identity"), ("result", "success")).Should().Be(1);
        metrics.Sum("mtls_sidecar_certificate_not_after_timestamp_seconds", ("role", "identity")).Should().BeGreaterThan(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        new FileInfo(Identity("orders")).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(State("orders")).Should().Equal(Identity("orders"));
        foreach (var secret in new[] { "PRIVATE KEY", (await File.ReadAllTextAsync(Token("orders"))).Trim() })
        {
            orders.Process.Output.ToString().Should().NotContain(secret);
        }
    }

    [Fact]
    public async Task Restart_NeedsNeitherAuthorityNorToken()
    {
        Authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");
        await using (var first = await SidecarProcess.StartAsync(settings))
        {
            (await first.TerminateAsync()).Should().Be(0);
        }

        var serial = SerialOf("orders");
        await Authority.TerminateAsync();
        File.Delete(Token("orders"));

        await using var second = await SidecarProcess.StartAsync(settings);
        (await second.StatusAsync()).GetProperty("identity").GetProperty("serial").GetString().Should().Be(serial);
    }

    [Fact]
    public async Task KillAtAnyMoment_CostsNoToken()
    {
        Authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");
        for (var moment = 1; moment <= 10; moment++)
        {
            // From before the first file to after the last: what matters is that there are many different ones.
            await using var killed = SidecarProcess.Launch(settings);
            await Task.Delay(TimeSpan.FromMilliseconds(120 * moment));
            killed.Process.Signal(ProcessSignal.Kill);
        }

        await using var sidecar = await SidecarProcess.StartAsync(settings);

        (await sidecar.StatusAsync()).GetProperty("identity").GetProperty("serial").GetString().Should().Be(SerialOf("orders"));
        (await Authority.Program.ListAsync()).Count(certificate => certificate.Identity == Orders).Should().Be(1, "the token has one use");
    }

    [Fact]
    public async Task ProxyVariables_LeadNeitherTokenNorQuestionAstray()
    {
        Authority = await AuthorityProcess.StartAsync();
        var peer = await Authority.Program.IssueAsync("web");
        var nowhere = SidecarSettings.Loopback(FreePorts.Next());
        var settings = (await SettingsAsync("orders")).Inbound(Application.Address).Allow(Web)
            .Set("Validation:Validators", new[] { "Local", "Authority" })
            .Set("Validation:Authority:Url", Authority.Url);

        await using var sidecar = await SidecarProcess.StartAsync(
            settings, new Dictionary<string, string?> { ["http_proxy"] = nowhere, ["https_proxy"] = nowhere, ["all_proxy"] = nowhere });

        using var client = MtlsClient.Create(peer, Authority.Program);
        (await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WrongToken_KeepsTheSidecarUnreadyUntilARightOneIsThere()
    {
        Authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("web");
        settings.Upstream("orders", null, "https://localhost:1").Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next()));
        var right = await File.ReadAllTextAsync(Token("web"));
        AtomicRename.Write(Token("web"), "not-a-token");
        await using var sidecar = SidecarProcess.Launch(settings);
        await EventuallyAliveAsync(sidecar);

        var failure = await sidecar.Log.WaitForEventAsync("ReloadFailed");
        failure["Error"].Should().Contain("401 UnknownToken");
        failure.Level.Should().Be("Error");
        (await sidecar.ProbeAsync("ready")).Should().Be(HttpStatusCode.ServiceUnavailable);
        var identity = (await sidecar.StatusAsync()).GetProperty("identity");
        identity.GetProperty("serial").ValueKind.Should().Be(JsonValueKind.Null);
        identity.GetProperty("lastError").GetString().Should().Contain("UnknownToken");
        (await CallAsync(sidecar)).Should().Be(HttpStatusCode.ServiceUnavailable);

        AtomicRename.Write(Token("web"), right);
        await sidecar.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task InboundPeer_IsNotAnsweredBeforeThereIsACertificate()
    {
        Authority = await AuthorityProcess.StartAsync();
        var peer = await Authority.Program.IssueAsync("web");
        var settings = await SettingsAsync("orders");
        settings.Inbound(Application.Address).Allow(Web);
        AtomicRename.Write(Token("orders"), "not-a-token");
        await using var sidecar = SidecarProcess.Launch(settings);
        await EventuallyAliveAsync(sidecar);
        await sidecar.Log.WaitForEventAsync("ReloadFailed");

        using var client = MtlsClient.Create(peer, Authority.Program);
        await FluentActions.Awaiting(() => client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).Should().ThrowAsync<HttpRequestException>();

        Application.BytesReceived.Should().Be(0);
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task AuthorityThatIsAway_IsAskedUntilItIsBack()
    {
        Authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");
        await Authority.TerminateAsync();
        await using var sidecar = SidecarProcess.Launch(settings);
        await sidecar.Log.WaitForEventAsync("ReloadFailed");
        await sidecar.Log.WaitForEventAsync("ReloadFailed", sidecar.Log.Position);

        Authority = await Authority.RestartAsync();

        await sidecar.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task ExpiredCertificate_MakesTheSidecarUnreadyAndLoud_AndANewTokenHeals()
    {
        Authority = await AuthorityProcess.StartAsync("--certificate-lifetime", "6s");
        var settings = await SettingsAsync("orders");
        await using var sidecar = await SidecarProcess.StartAsync(settings);
        var log = sidecar.Log.Position;
        Authority.Process.Signal(ProcessSignal.Kill);

        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready after the expiry");
        (await sidecar.Log.WaitForAsync(line => line["Error"]?.Contains("the certificate expired", StringComparison.Ordinal) == true, log)).Level.Should().Be("Error");
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);

        Authority = await Authority.RestartAsync();
        AtomicRename.Write(Token("orders"), await Authority.TokenAsync("orders"));
        await sidecar.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task ServerThatTheBundleDoesNotVouchFor_NeverSeesTheToken()
    {
        Authority = await AuthorityProcess.StartAsync();
        using var stranger = await AuthorityProgram.InitAsync();
        var settings = await SettingsAsync("orders");
        settings.Set("Trust:BundleFile", stranger.Bundle);
        await using var sidecar = SidecarProcess.Launch(settings);

        (await sidecar.Log.WaitForEventAsync("ReloadFailed"))["Error"].Should().Contain("the server's certificate is refused");

        (await Authority.Program.ListAsync()).Should().NotContain(certificate => certificate.Identity == Orders);
        (await File.ReadAllTextAsync(Authority.Program["authority/audit.log"])).Should().NotContain("127.0.0.1");
    }

    [Fact]
    public async Task AnotherIssuer_IsFollowed()
    {
        Authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);
        await Authority.Program.RunWellAsync("issuer", "add");

        using (var reload = await web.PostAsync("/reload"))
        {
            reload.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        IssuerOf("web").Should().Contain("issuing-2");
        IssuerOf("orders").Should().Contain("issuing-1");
        (await CallAsync(web)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task PeerUnderANewIssuerThatSendsItsLeafAlone_IsAcceptedOnceTheIssuerIsKnown()
    {
        Authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync();
        await Authority.Program.RunWellAsync("issuer", "add");
        var peer = await Authority.Program.IssueAsync("web");
        using var leaf = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(peer.CertificateFile));
        var alone = peer with { CertificateFile = Authority.Program.Write("leaf.pem", leaf.ExportCertificatePem()) };
        leaf.Issuer.Should().Contain("issuing-2");

        using (var early = MtlsClient.Create(alone, Authority.Program))
        {
            await FluentActions.Awaiting(() => early.GetAsync(new Uri(orders.InboundByName, "/hello"))).Should().ThrowAsync<HttpRequestException>();
        }

        await orders.Log.WaitForAsync(line => line["Reason"] == "UntrustedAnchor");
        using (var reload = await orders.PostAsync("/reload"))
        {
            reload.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        using var late = MtlsClient.Create(alone, Authority.Program);
        using var answer = await late.GetAsync(new Uri(orders.InboundByName, "/hello"));
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task RevokedWorkload_GetsNoRenewalAndIsCutOff()
    {
        Authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync(settings => settings.Set("Validation:Crl:RefreshInterval", "00:00:01"));
        await using var web = await StartWebAsync(orders);
        using var client = PlainClient.Create();
        using var open = await client.GetAsync(new Uri(Entry(web), "/events"), HttpCompletionOption.ResponseHeadersRead);
        open.StatusCode.Should().Be(HttpStatusCode.OK);
        await Authority.Program.RunWellAsync("revoke", Web, "--reason", "keyCompromise");

        await FluentActions.Awaiting(() => open.Content.CopyToAsync(Stream.Null)).Should().ThrowAsync<HttpRequestException>("the answer under way is cut off");
        (await orders.MetricsAsync()).Sum("mtls_sidecar_connections_closed_total", ("direction", "inbound"), ("reason", "Revoked")).Should().Be(1);

        // A call may have been on the connection that is being cut; the next comes with a handshake.
        await Eventually.HoldsAsync(
            async () =>
            {
                (await CallAsync(web)).Should().NotBe(HttpStatusCode.OK);
                return (await orders.StatusAsync()).GetProperty("lastRefusals").EnumerateArray().Any(refusal => refusal.GetProperty("reason").GetString() == "Revoked");
            },
            "a handshake that is refused");
        using var reload = await web.PostAsync("/reload");

        reload.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await reload.Content.ReadAsStringAsync()).Should().Contain("403 CertificateRejected");
    }

    [Fact]
    public async Task Check_SaysWhatIsMissingAndAsksNobody()
    {
        Authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");

        var good = await SidecarProgram.RunAsync(settings, "check");
        good.ExitCode.Should().Be(0, good.ToString());
        good.Output.Should().Contain("no certificate yet");
        (await Authority.Program.ListAsync()).Should().NotContain(certificate => certificate.Identity == Orders);

        File.Delete(Token("orders"));
        var without = await SidecarProgram.RunAsync(settings, "check");
        without.ExitCode.Should().Be(2);
        without.Error.Should().Contain("Sidecar:Identity:Est:TokenFile");
    }

    private static async Task<HttpStatusCode> CallAsync(SidecarProcess web)
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(Entry(web), "/hello"));
        return response.StatusCode;
    }

    /// <summary>Waits for the listeners of a sidecar that will not get ready: what it says in its log may come before.</summary>
    private static Task EventuallyAliveAsync(SidecarProcess sidecar)
        => Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("live") == HttpStatusCode.OK, "alive");

    private string SerialOf(string name) => Convert.ToHexString(CertificateOf(name).SerialNumberBytes.Span.TrimStart((byte)0));

    private string IssuerOf(string name) => CertificateOf(name).Issuer;
}
