using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Authorities;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>Sidecars that enrol at a real authority with a token, and renew by themselves.</summary>
[Collection(nameof(WholeMachine))]
public sealed class EnrolmentTests : IAsyncLifetime
{
    private const string Web = "spiffe://foo.test/ns/default/sa/web";
    private const string Orders = "spiffe://foo.test/ns/default/sa/orders";
    private HttpApplication _application = null!;
    private AuthorityProcess _authority = null!;

    public async Task InitializeAsync() => _application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await _authority.DisposeAsync();
        await _application.DisposeAsync();
    }

    [Fact]
    public async Task TwoSidecarsWithTokens_EnrolAndCallEachOther()
    {
        _authority = await AuthorityProcess.StartAsync();
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
    public async Task RenewalsOfBothSidesUnderLoad_FailNoRequestAndUseNewKeys()
    {
        _authority = await AuthorityProcess.StartAsync("--certificate-lifetime", "15s");
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);
        var (ordersBefore, webBefore) = (KeyOf("orders"), KeyOf("web"));
        using var client = PlainClient.Create();
        var load = RequestLoop.Start(4, () => client.GetAsync(new Uri(Entry(web), "/load")));

        // Longer than any certificate of the beginning lives.
        await Eventually.HoldsAsync(
            async () => load.Failures.Count > 0 || (await RenewalsAsync(orders) >= 3 && await RenewalsAsync(web) >= 3), "three certificates each", TimeSpan.FromSeconds(120));
        await load.ProgressAsync(20);
        await load.StopAsync();

        load.Failures.Should().BeEmpty();
        KeyOf("orders").Should().NotBe(ordersBefore);
        KeyOf("web").Should().NotBe(webBefore);
    }

    [Fact]
    public async Task Restart_NeedsNeitherAuthorityNorToken()
    {
        _authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");
        await using (var first = await SidecarProcess.StartAsync(settings))
        {
            (await first.TerminateAsync()).Should().Be(0);
        }

        var serial = SerialOf("orders");
        await _authority.TerminateAsync();
        File.Delete(Token("orders"));

        await using var second = await SidecarProcess.StartAsync(settings);
        (await second.StatusAsync()).GetProperty("identity").GetProperty("serial").GetString().Should().Be(serial);
    }

    [Fact]
    public async Task KillAtAnyMoment_CostsNoToken()
    {
        _authority = await AuthorityProcess.StartAsync();
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
        (await _authority.Program.ListAsync()).Count(certificate => certificate.Identity == Orders).Should().Be(1, "the token has one use");
    }

    [Fact]
    public async Task ProxyVariables_LeadNeitherTokenNorQuestionAstray()
    {
        _authority = await AuthorityProcess.StartAsync();
        var peer = await _authority.Program.IssueAsync("web");
        var nowhere = SidecarSettings.Loopback(FreePorts.Next());
        var settings = (await SettingsAsync("orders")).Inbound(_application.Address).Allow(Web)
            .Set("Validation:Validators", new[] { "Local", "Authority" })
            .Set("Validation:Authority:Url", _authority.Url);

        await using var sidecar = await SidecarProcess.StartAsync(
            settings, new Dictionary<string, string?> { ["http_proxy"] = nowhere, ["https_proxy"] = nowhere, ["all_proxy"] = nowhere });

        using var client = MtlsClient.Create(peer, _authority.Program);
        (await client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WrongToken_KeepsTheSidecarUnreadyUntilARightOneIsThere()
    {
        _authority = await AuthorityProcess.StartAsync();
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
        _authority = await AuthorityProcess.StartAsync();
        var peer = await _authority.Program.IssueAsync("web");
        var settings = await SettingsAsync("orders");
        settings.Inbound(_application.Address).Allow(Web);
        AtomicRename.Write(Token("orders"), "not-a-token");
        await using var sidecar = SidecarProcess.Launch(settings);
        await EventuallyAliveAsync(sidecar);
        await sidecar.Log.WaitForEventAsync("ReloadFailed");

        using var client = MtlsClient.Create(peer, _authority.Program);
        await FluentActions.Awaiting(() => client.GetAsync(new Uri(sidecar.InboundByName, "/hello"))).Should().ThrowAsync<HttpRequestException>();

        _application.BytesReceived.Should().Be(0);
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task AuthorityThatIsAway_IsAskedUntilItIsBack()
    {
        _authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");
        await _authority.TerminateAsync();
        await using var sidecar = SidecarProcess.Launch(settings);
        await sidecar.Log.WaitForEventAsync("ReloadFailed");
        await sidecar.Log.WaitForEventAsync("ReloadFailed", sidecar.Log.Position);

        _authority = await _authority.RestartAsync();

        await sidecar.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task ExpiredCertificate_MakesTheSidecarUnreadyAndLoud_AndANewTokenHeals()
    {
        _authority = await AuthorityProcess.StartAsync("--certificate-lifetime", "6s");
        var settings = await SettingsAsync("orders");
        await using var sidecar = await SidecarProcess.StartAsync(settings);
        var log = sidecar.Log.Position;
        _authority.Process.Signal(ProcessSignal.Kill);

        await Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("ready") == HttpStatusCode.ServiceUnavailable, "unready after the expiry");
        (await sidecar.Log.WaitForAsync(line => line["Error"]?.Contains("the certificate expired", StringComparison.Ordinal) == true, log)).Level.Should().Be("Error");
        (await sidecar.ProbeAsync("live")).Should().Be(HttpStatusCode.OK);

        _authority = await _authority.RestartAsync();
        AtomicRename.Write(Token("orders"), await _authority.TokenAsync("orders"));
        await sidecar.WaitUntilReadyAsync();
    }

    [Fact]
    public async Task ServerThatTheBundleDoesNotVouchFor_NeverSeesTheToken()
    {
        _authority = await AuthorityProcess.StartAsync();
        using var stranger = await AuthorityProgram.InitAsync();
        var settings = await SettingsAsync("orders");
        settings.Set("Trust:BundleFile", stranger.Bundle);
        await using var sidecar = SidecarProcess.Launch(settings);

        (await sidecar.Log.WaitForEventAsync("ReloadFailed"))["Error"].Should().Contain("the server's certificate is refused");

        (await _authority.Program.ListAsync()).Should().NotContain(certificate => certificate.Identity == Orders);
        (await File.ReadAllTextAsync(_authority.Program["authority/audit.log"])).Should().NotContain("127.0.0.1");
    }

    [Fact]
    public async Task AnotherIssuer_IsFollowed()
    {
        _authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);
        await _authority.Program.RunWellAsync("issuer", "add");

        using (var reload = await web.PostAsync("/reload"))
        {
            reload.StatusCode.Should().Be(HttpStatusCode.OK);
        }

        IssuerOf("web").Should().Contain("issuing-2");
        IssuerOf("orders").Should().Contain("issuing-1");
        (await CallAsync(web)).Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task RevokedWorkload_GetsNoRenewalAndIsCutOff()
    {
        _authority = await AuthorityProcess.StartAsync();
        await using var orders = await StartOrdersAsync();
        await using var web = await StartWebAsync(orders);
        await _authority.Program.RunWellAsync("revoke", SerialOf("web"), "--reason", "keyCompromise");

        using var reload = await web.PostAsync("/reload");

        reload.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await reload.Content.ReadAsStringAsync()).Should().Contain("403 CertificateRejected");
    }

    [Fact]
    public async Task Check_SaysWhatIsMissingAndAsksNobody()
    {
        _authority = await AuthorityProcess.StartAsync();
        var settings = await SettingsAsync("orders");

        var good = await SidecarProgram.RunAsync(settings, "check");
        good.ExitCode.Should().Be(0, good.ToString());
        good.Output.Should().Contain("no certificate yet");
        (await _authority.Program.ListAsync()).Should().NotContain(certificate => certificate.Identity == Orders);

        File.Delete(Token("orders"));
        var without = await SidecarProgram.RunAsync(settings, "check");
        without.ExitCode.Should().Be(2);
        without.Error.Should().Contain("Sidecar:Identity:Est:TokenFile");
    }

    private static Uri Entry(SidecarProcess web) => new(web.Settings.Text("Outbound:Upstreams:orders:Listen")!);

    private static async Task<HttpStatusCode> CallAsync(SidecarProcess web)
    {
        using var client = PlainClient.Create();
        using var response = await client.GetAsync(new Uri(Entry(web), "/hello"));
        return response.StatusCode;
    }

    /// <summary>Waits for the listeners of a sidecar that will not get ready: what it says in its log may come before.</summary>
    private static Task EventuallyAliveAsync(SidecarProcess sidecar)
        => Eventually.HoldsAsync(async () => await sidecar.ProbeAsync("live") == HttpStatusCode.OK, "alive");

    private static async Task<double> RenewalsAsync(SidecarProcess sidecar)
        => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_reloads_total", ("what", "identity"), ("result", "success"));

    private string State(string name) => _authority.Program[$"{name}-state"];

    private string Identity(string name) => Path.Combine(State(name), "identity.pem");

    private string Token(string name) => _authority.Program[$"{name}.token"];

    private X509Certificate2 CertificateOf(string name) => X509Certificate2.CreateFromPem(File.ReadAllText(Identity(name)));

    private string SerialOf(string name) => Convert.ToHexString(CertificateOf(name).SerialNumberBytes.Span.TrimStart((byte)0));

    private string IssuerOf(string name) => CertificateOf(name).Issuer;

    private string KeyOf(string name) => CertificateOf(name).GetPublicKeyString();

    private async Task<SidecarSettings> SettingsAsync(string name)
    {
        await File.WriteAllTextAsync(Token(name), await _authority.TokenAsync(name, "--dns", "localhost"));
        return SidecarSettings.Enrolling(name, _authority, Token(name));
    }

    private async Task<SidecarProcess> StartOrdersAsync()
        => await SidecarProcess.StartAsync((await SettingsAsync("orders")).Inbound(_application.Address).Allow(Web));

    private async Task<SidecarProcess> StartWebAsync(SidecarProcess orders)
    {
        var settings = (await SettingsAsync("web"))
            .Upstream("orders", Orders, orders.InboundByName.GetLeftPart(UriPartial.Authority))
            .Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next()));
        return await SidecarProcess.StartAsync(settings);
    }
}
