using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Lifecycle;

/// <summary>The program's commands and exit codes, as scripts and container health checks use them.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly WorkloadPki _pki = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task Version_IsPrinted()
    {
        var result = await SidecarProgram.RunAsync(null, "--version");

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should().MatchRegex(@"\d+\.\d+\.\d+");
    }

    [Fact]
    public async Task Help_NamesEveryCommand()
    {
        var result = await SidecarProgram.RunAsync(null, "--help");

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should().ContainAll("run", "check", "probe", "validate", "inspect");
    }

    [Theory]
    [InlineData("chekc")]
    [InlineData("check", "--confg", "x")]
    [InlineData("probe", "alive")]
    public async Task WrongUsage_Is2(params string[] arguments)
    {
        var result = await SidecarProgram.RunAsync(null, arguments);

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Probe_AsksTheRunningSidecar()
    {
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("web", _pki.Web, _pki));

        foreach (var probe in new[] { "live", "ready", "startup" })
        {
            (await SidecarProgram.RunAsync(sidecar.Settings, "probe", probe)).ExitCode.Should().Be(0);
        }
    }

    [Fact]
    public async Task Probe_Is1WithoutARunningSidecar()
    {
        (await SidecarProgram.RunAsync(SidecarSettings.For("web", _pki.Web, _pki), "probe", "live")).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task Hangup_ReloadsAndEndsNothing()
    {
        // A caller that ignores the signal, as nohup does, would have its children ignore it too.
        await using var sidecar = await SidecarProcess.StartAsync(
            SidecarSettings.For("web", _pki.Web, _pki),
            wrap: start => start with { Program = "env", Arguments = ["--default-signal=HUP", start.Program, .. start.Arguments] });
        var log = sidecar.Log.Position;

        sidecar.Process.Signal(TestKit.Processes.ProcessSignal.Hangup);

        await sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "trust", log);
        (await sidecar.ProbeAsync("ready")).Should().Be(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task SerilogSectionThatNamesNoSink_IsAnErrorOfCheckToo()
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki).Set(":Serilog:WriteTo", new[] { new { Name = "Nowhere" } });

        var result = await SidecarProgram.RunAsync(settings, "check");

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().Contain("Nowhere");
    }

    [Theory]
    [InlineData("Inbound:Listen", "https://192.0.2.1:8443")]
    [InlineData("Admin:Probes", "http://192.0.2.1:15021")]
    [InlineData("Outbound:Listen", "unix:///nowhere/out.sock")]
    [InlineData("Outbound:Upstreams:users:Listen", "unix:///nowhere/users.sock")]
    [InlineData("Tunnels:t:Listen", "tcp://192.0.2.1:5671")]
    public async Task AddressThatIsNotOurs_IsOneLineWithItsKey(string key, string address)
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:1")
            .Upstream("users", null, "https://users.internal:8443").InboundTunnel("t", "tcp://127.0.0.1:1").Set(key, address);
        await using var sidecar = SidecarProcess.Launch(settings);

        (await sidecar.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        sidecar.Process.Error.ToString().Trim().Should().StartWith($"error: Sidecar:{key}: can't listen on {address}: ").And.NotContain("\n");
        var line = sidecar.Log.Lines().Should().ContainSingle(line => line.Level == "Error").Subject;
        line.Event.Should().Be("ListenFailed");
        line["Key"].Should().Be($"Sidecar:{key}");
        line.Text.Should().NotContain("   at ");
    }

    [Fact]
    public async Task PortInUse_IsNamedAndFailsTheStart()
    {
        await using var first = await SidecarProcess.StartAsync(SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:1"));
        var taken = first.Settings.Text("Inbound:Listen")!;

        await using var second = SidecarProcess.Launch(SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:1").Set("Inbound:Listen", taken));

        (await second.Process.WaitForExitAsync(TimeSpan.FromSeconds(30))).Should().Be(1);
        second.Process.Error.ToString().Should().StartWith($"error: Sidecar:Inbound:Listen: can't listen on {taken}");
        (await first.ProbeAsync("ready")).Should().Be(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task PortZero_IsChosenByTheSystemAndLogged()
    {
        await using var sidecar = await SidecarProcess.StartAsync(SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:1").Set("Inbound:Listen", "https://127.0.0.1:0"));

        var line = await sidecar.Log.WaitForAsync(line => line.Event == "ListenerBound" && line["Listener"] == "Inbound");

        var port = new Uri(line["Address"]!).Port;
        port.Should().NotBe(0);
        (await TcpProbe.IsListeningAsync(port)).Should().BeTrue();
    }

    [Fact]
    public async Task OnlySidecarKeys_OpenListeners()
    {
        var (byVariable, byKestrel) = (FreePorts.Next(), FreePorts.Next());
        var settings = SidecarSettings.For("web", _pki.Web, _pki)
            .Set(":Kestrel:Endpoints:Extra:Url", SidecarSettings.Loopback(byKestrel))
            .Set(":Urls", SidecarSettings.Loopback(byKestrel));
        await using var sidecar = await SidecarProcess.StartAsync(settings, new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = SidecarSettings.Loopback(byVariable),
            ["ASPNETCORE_HTTP_PORTS"] = $"{byVariable}",
        });

        (await TcpProbe.IsListeningAsync(byVariable)).Should().BeFalse();
        (await TcpProbe.IsListeningAsync(byKestrel)).Should().BeFalse();
    }

    [Fact]
    public async Task LaterConfiguration_WinsAndReplacesListsWhole()
    {
        var settings = SidecarSettings.For("web", _pki.Web, _pki).Inbound("http://127.0.0.1:1").Allow(WorkloadPki.SpiffeId("web"), WorkloadPki.SpiffeId("users"));
        await using var sidecar = await SidecarProcess.StartAsync(settings, new Dictionary<string, string?>
        {
            ["Sidecar__Name"] = "renamed",
            ["Sidecar__Authorization__Policies__0__Name"] = "other",
            ["Sidecar__Authorization__Policies__0__Action"] = "Allow",
            ["Sidecar__Authorization__Policies__0__Rules__0__From__0__Principals__0"] = WorkloadPki.SpiffeId("web"),
        });

        (await sidecar.StatusAsync()).GetProperty("name").GetString().Should().Be("renamed");
        (await Fixtures.Peer.StatusAsync(_pki, _pki.Web, sidecar.Inbound)).Should().Be(System.Net.HttpStatusCode.ServiceUnavailable);
        (await Fixtures.Peer.StatusAsync(_pki, _pki.Users, sidecar.Inbound)).Should().Be(System.Net.HttpStatusCode.Forbidden);
    }
}
