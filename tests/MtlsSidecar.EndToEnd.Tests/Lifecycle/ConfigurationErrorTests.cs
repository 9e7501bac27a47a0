using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>A wrong configuration never runs: <c>check</c> and <c>run</c> both name every problem by its full key and exit with 2.</summary>
public sealed class ConfigurationErrorTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public static TheoryData<string, object?, string> Mistakes => new()
    {
        { "Inbound:Lisen", "https://127.0.0.1:1", "Sidecar:Inbound:Lisen" },
        { "Inbuond:Listen", "https://127.0.0.1:1", "Sidecar:Inbuond" },
        { "Inbound:Application", "http://192.0.2.1:8080", "Sidecar:Inbound:Application" },
        { "Inbound:Application", "nonsense", "Sidecar:Inbound:Application" },
        { "Inbound:Timeout", "soon", "Sidecar:Inbound:Timeout" },
        { "Inbound:Timeout", "-00:00:01", "Sidecar:Inbound:Timeout" },
        { "Inbound:MaxConnections", 0, "Sidecar:Inbound:MaxConnections" },
        { "Inbound:ApplicationProtocol", "1", "Sidecar:Inbound:ApplicationProtocol" },
        { "Inbound:ForwardedClientCert", "Forward", "Sidecar:Inbound:ForwardedClientCert" },
        { "Inbound:Listen", "http://127.0.0.1:8443", "Sidecar:Inbound:Listen" },
        { "Outbound:Listen", "http://0.0.0.0:15001", "Sidecar:Outbound:Listen" },
        { "Outbound:Upstreams:users:Destinations:0", "http://users:8443", "Sidecar:Outbound:Upstreams:users:Destinations:0" },
        { "Outbound:Upstreams:users:PeerIdentities:0", "spiffe://*/users", "Sidecar:Outbound:Upstreams:users:PeerIdentities:0" },
        { "Outbound:Upstreams:users:LoadBalancing", "Fair", "Sidecar:Outbound:Upstreams:users:LoadBalancing" },
        { "Admin:Listen", "http://0.0.0.0:15000", "Sidecar:Admin:Listen" },
        { "Validation:Revocation", "Sometimes", "Sidecar:Validation:Revocation" },
        { "Validation:Crl:RefreshInterval", "00:00:00", "Sidecar:Validation:Crl:RefreshInterval" },
        { "Validation:Crl:Files:0", "/nowhere/ca.crl", "Sidecar:Validation:Crl:Files" },
        { "Validation:Validators:0", "Oracle", "Sidecar:Validation:Validators:0" },
        { "Trust:BundleFile", "/nowhere/ca.crt", "Sidecar:Trust:BundleFile" },
        { "Trust:TrustDomain", "Foo Test", "Sidecar:Trust:TrustDomain" },
        { "Identity:KeyFile", "/nowhere/tls.key", "Sidecar:Identity:KeyFile" },
        { "Identity:Source", "Vault", "Sidecar:Identity:Source" },
        { "Drain:GracePeriod", "-00:00:01", "Sidecar:Drain:GracePeriod" },
        { "Authorization:Policies:0:Action", "Permit", "Sidecar:Authorization:Policies:0:Action" },
    };

    public void Dispose() => _pki.Dispose();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsNamedByItsFullKey(string key, object? value, string named)
    {
        var result = await CheckAsync(Set(Good(), key, value));

        result.ExitCode.Should().Be(2, result.ToString());
        (result.Output + result.Error).Should().Contain(named);
    }

    [Fact]
    public async Task GoodConfiguration_PassesAndStartsNothing()
    {
        var result = await CheckAsync(Good());

        result.ExitCode.Should().Be(0, result.ToString());
    }

    [Fact]
    public async Task AllMistakes_AreReportedAtOnce()
    {
        var settings = Good()
            .Set("Inbound:Lisen", "x").Set("Inbound:Timeout", "soon").Set("Admin:Listen", "http://0.0.0.0:1")
            .Set("Validation:Revocation", "Sometimes").Set("Identity:CertificateFile", "/nowhere/tls.crt").Set("Tunels:x:Listen", "tcp://127.0.0.1:1");

        var result = await CheckAsync(settings);

        result.ExitCode.Should().Be(2);
        (result.Output + result.Error).Should().ContainAll(
            "Sidecar:Inbound:Lisen", "Sidecar:Inbound:Timeout", "Sidecar:Admin:Listen", "Sidecar:Validation:Revocation", "Sidecar:Identity:CertificateFile", "Sidecar:Tunels");
    }

    [Fact]
    public async Task KeyThatDoesNotFitItsCertificate_IsRefusedByCheckAndRun()
    {
        var settings = Good().Set("Identity:KeyFile", _pki.Users.KeyFile);

        var result = await CheckAsync(settings);
        await using var sidecar = SidecarProcess.Launch(settings);

        result.ExitCode.Should().Be(2, result.ToString());
        (result.Output + result.Error).Should().Contain("Sidecar:Identity:KeyFile");
        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(2);
        (sidecar.Process.Output + "\n" + sidecar.Process.Error).Should().Contain("Sidecar:Identity:KeyFile");
    }

    [Theory]
    [InlineData("Identity:CertificateFile", "garbage")]
    [InlineData("Identity:KeyFile", "garbage")]
    [InlineData("Trust:BundleFile", "garbage")]
    [InlineData("Trust:BundleFile", "")]
    [InlineData("Identity:CertificateFile", "")]
    public async Task FileWithoutWhatItShouldHold_IsNamedByItsKey(string key, string content)
    {
        var file = _pki.Directory.Write("bad.pem", content);

        var result = await CheckAsync(Good().Set(key, file));

        result.ExitCode.Should().Be(2, result.ToString());
        (result.Output + result.Error).Should().Contain($"Sidecar:{key}").And.NotContain("   at ", "a user's mistake is no stack trace");
    }

    [Fact]
    public async Task Run_RefusesToStartAndNamesEveryProblem()
    {
        await using var sidecar = SidecarProcess.Launch(Good().Set("Inbound:Lisen", "x").Set("Outbound:Listen", "http://0.0.0.0:1"));

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(2);
        (sidecar.Process.Output + "\n" + sidecar.Process.Error).Should().ContainAll("Sidecar:Inbound:Lisen", "Sidecar:Outbound:Listen");
    }

    [Fact]
    public async Task MalformedJson_IsAConfigurationError()
    {
        _pki.Directory.Write("config/appsettings.json", "{ \"Sidecar\": { ");

        var result = await ChildProcess.RunAsync(SidecarProgram.Start(_pki.Directory["config"], ["check"]));

        result.ExitCode.Should().Be(2, result.ToString());
        (result.Output + result.Error).Should().Contain("appsettings.json").And.NotContain("   at ");
    }

    [Fact]
    public async Task MissingConfigFile_IsAConfigurationError()
    {
        var result = await SidecarProgram.RunAsync(null, "check", "--config", "nowhere.json");

        result.ExitCode.Should().Be(2, result.ToString());
        (result.Output + result.Error).Should().Contain("nowhere.json");
    }

    [Fact]
    public async Task LaterConfigFile_Wins()
    {
        var file = _pki.Directory.Write("later.json", """{ "Sidecar": { "Inbound": { "Timeout": "soon" } } }""");

        (await SidecarProgram.RunAsync(Good(), "check", "--config", file)).ExitCode.Should().Be(2);
        var better = _pki.Directory.Write("better.json", """{ "Sidecar": { "Inbound": { "Timeout": "00:00:03" } } }""");
        (await SidecarProgram.RunAsync(Good(), "check", "--config", file, "--config", better)).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task SampleOfTheContract_IsGood()
    {
        var result = await ChildProcess.RunAsync(SidecarProgram.Start(ContractSample.Write(_pki), ["check"]));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Error.Should().Contain("warning: Sidecar:Tunnels:amqp-in:Destinations:0").And.NotContain("error:");
    }

    [Fact]
    public async Task MistakesOfEveryKind_AreReportedAtOnce()
    {
        var garbage = _pki.Directory.Write("garbage.crl", "garbage");
        var settings = Good()
            .Set("Inbound:Lisen", "x").Set("Identity:KeyFile", "/nowhere/tls.key")
            .Set("Validation:Crl:Files", new[] { garbage, Stale(), WrongKey(), "/nowhere/ca.crl" })
            .Set(":Serilog:WriteTo", new[] { new { Name = "Nowhere" } });

        var result = await CheckAsync(settings);

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).Select(line => line.Split(": ")[1]).Should().BeEquivalentTo(
            "Sidecar:Inbound:Lisen", "Sidecar:Identity:KeyFile", "Sidecar:Validation:Crl:Files:0", "Sidecar:Validation:Crl:Files:1",
            "Sidecar:Validation:Crl:Files:2", "Sidecar:Validation:Crl:Files:3", "Serilog");
    }

    [Theory]
    [InlineData("stale", "stale since")]
    [InlineData("wrong key", "none of the keys")]
    public async Task CrlThatIsNoGood_IsAnErrorOfCheckByTheKeyOfItsFile(string fault, string message)
    {
        var settings = Good().Set("Validation:Crl:Files", new[] { fault == "stale" ? Stale() : WrongKey() });

        var result = await CheckAsync(settings);

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().MatchRegex($"error: Sidecar:Validation:Crl:Files:0: .*{message}");
    }

    [Fact]
    public async Task StaleCrlWithinMaxStaleness_IsGood()
    {
        var result = await CheckAsync(Good().Set("Validation:Crl:Files", new[] { Stale() }).Set("Validation:Crl:MaxStaleness", "01:00:00"));

        result.ExitCode.Should().Be(0, result.ToString());
    }

    [Fact]
    public async Task CrlOfAnAuthorityThatOnlyPeersPresent_IsAWarning()
    {
        using var other = _pki.Root.CreateIntermediate("Other Issuing");
        var file = _pki.Directory.Write("other.crl", WorkloadPki.CrlPem(other.CreateCrl([])));

        var result = await CheckAsync(Good().Set("Validation:Crl:Files", new[] { _pki.CrlFile, file }));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Error.Should().MatchRegex("warning: Sidecar:Validation:Crl:Files:1: .*until a peer presents");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Warning_IsALineOfTheLogOfRun(bool nonLoopback)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:8080");
        settings = nonLoopback ? settings.Set("Unsafe:AllowNonLoopback", true) : settings.Remove("Validation:Crl:Files");
        await using var sidecar = await SidecarProcess.StartAsync(settings);

        var line = await sidecar.Log.WaitForAsync(line => line.Event == "ConfigurationWarned" && line["Key"] == (nonLoopback ? "Sidecar:Unsafe:AllowNonLoopback" : "Sidecar:Validation:Crl"));

        line.Level.Should().Be("Warning");
        sidecar.Log.Lines().Count(other => other.Event == "ConfigurationWarned" && other["Key"] == line["Key"]).Should().Be(1);
        sidecar.Process.Error.ToString().Should().BeEmpty();
    }

    [Fact]
    public async Task NonLoopback_IsAllowedOnlyByItsUglyName()
    {
        var result = await CheckAsync(Good().Set("Inbound:Application", "http://192.0.2.1:8080").Set("Unsafe:AllowNonLoopback", true));

        result.ExitCode.Should().Be(0, result.ToString());
        (result.Output + result.Error).Should().ContainEquivalentOf("AllowNonLoopback");
    }

    [Fact]
    public async Task RevocationWithoutAnySource_IsWarnedAbout()
    {
        var result = await CheckAsync(Good().Remove("Validation:Crl:Files"));

        result.ExitCode.Should().Be(0, result.ToString());
        result.Error.Should().MatchRegex("warning: Sidecar:Validation.*refused");
    }

    private static Task<ProcessResult> CheckAsync(SidecarSettings settings) => SidecarProgram.RunAsync(settings, "check");

    private static SidecarSettings Set(SidecarSettings settings, string key, object? value)
    {
        // A list's element is set through the whole list.
        if (key.EndsWith(":0", StringComparison.Ordinal))
        {
            return settings.Set(key[..^2], new[] { value });
        }

        return key == "Authorization:Policies:0:Action"
            ? settings.Remove("Authorization:Policies").Policy(new { Name = "bad", Action = value, Rules = new[] { new { From = new[] { new { Principals = new[] { "spiffe://foo.test/**" } } } } } })
            : settings.Set(key, value);
    }

    private string Stale() => _pki.Directory.Write(
        "stale.crl", WorkloadPki.CrlPem(_pki.IssuingCrl(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddDays(-2))));

    private string WrongKey()
    {
        using var impostor = TestAuthority.CreateRoot("Foo Root");
        return _pki.Directory.Write("impostor.crl", WorkloadPki.CrlPem(impostor.CreateCrl([], 1, DateTimeOffset.UtcNow.AddDays(1))));
    }

    private SidecarSettings Good() => SidecarSettings.For("web", _pki.Web, _pki)
        .Inbound("http://127.0.0.1:8080").Allow(WorkloadPki.SpiffeId("web"))
        .Upstream("users", WorkloadPki.SpiffeId("users"), "https://users.internal:8443");
}
