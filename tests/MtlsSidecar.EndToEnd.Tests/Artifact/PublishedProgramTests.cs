using System.Net;
using MtlsSidecar.EndToEnd.Tests.Fixtures;
using MtlsSidecar.EndToEnd.Tests.Harness;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Artifact;

/// <summary>
/// What only reflection reaches must survive the trimming: options, rules of reloads, policies of YARP, sinks of Serilog, exporters.
/// <c>tests/run</c> publishes the daemon and has all tests start that one; elsewhere these tests see the built program.
/// </summary>
public sealed class PublishedProgramTests : HttpHouse
{
    [Fact]
    public async Task Version_IsPrinted()
    {
        var result = await RunAsync(Pki.Directory.Path, "--version");

        result.ExitCode.Should().Be(0, result.ToString());
        result.Output.Should().MatchRegex(@"\d+\.\d+\.\d+");
    }

    [PublishedProgramFact]
    public async Task ExecutableMemory_IsThatOfFiles()
    {
        await using var sidecar = await SidecarProcess.StartAsync(Orders());
        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        // Address range, permissions, offset, device, inode, path: proc(5).
        var mappings = (await File.ReadAllLinesAsync($"/proc/{sidecar.Process.Id}/maps")).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var executable = mappings.Where(fields => fields[1].Contains('x', StringComparison.Ordinal)).ToArray();
        executable.Should().NotBeEmpty();
        executable.Should().OnlyContain(fields => fields.Length > 5 && (fields[5].StartsWith('/') || fields[5] == "[vdso]" || fields[5] == "[vsyscall]") && !fields[1].Contains('w'));
    }

    [Fact]
    public async Task SampleOfTheContract_IsGood()
    {
        var result = await RunAsync(ContractSample.Write(Pki), "check");

        result.ExitCode.Should().Be(0, result.ToString());
    }

    [Fact]
    public async Task Mistakes_AreAllNamed()
    {
        var settings = Orders().Set("Inbound:Lisen", "x").Set("Drain:Delay", "soon").Set(":Serilog:WriteTo", new[] { new { Name = "Nowhere" } });

        var result = await RunAsync(Path.GetDirectoryName(Pki.Directory.Write("bad/appsettings.json", settings.ToJson()))!, "check");

        result.ExitCode.Should().Be(2, result.ToString());
        result.Error.Should().ContainAll("Sidecar:Inbound:Lisen", "did you mean Listen", "Sidecar:Drain:Delay", "Serilog", "Nowhere");
    }

    [Theory]
    [InlineData("web", 0, "accepted")]
    [InlineData("foreign", 3, "UntrustedAnchor")]
    public async Task Validate_Judges(string workload, int exitCode, string said)
    {
        var certificate = workload == "web" ? Pki.Web : Pki.Foreign;

        var result = await RunAsync(
            Pki.Directory.Path, "validate", "--trust", Pki.BundleFile, "--untrusted", certificate.CertificateFile, "--crl", Pki.CrlFile, "--json", certificate.CertificateFile);

        result.ExitCode.Should().Be(exitCode, result.ToString());
        result.Output.Should().Contain(said);
    }

    [Fact]
    public async Task EveryLoadBalancingPolicy_Forwards()
    {
        string[] policies = ["PowerOfTwoChoices", "RoundRobin", "LeastRequests", "Random", "FirstAlphabetical"];
        await using var orders = await StartOrdersAsync();
        var settings = SidecarSettings.For("web", Pki.Web, Pki);
        foreach (var policy in policies)
        {
            settings.Upstream(policy.ToLowerInvariant(), WorkloadPki.SpiffeId("orders"), orders.Inbound.ToString(), orders.InboundByName.ToString())
                .Set($"Outbound:Upstreams:{policy.ToLowerInvariant()}:LoadBalancing", policy);
        }

        await using var web = await SidecarProcess.StartAsync(settings);
        using var client = PlainClient.Create();
        foreach (var policy in policies)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(web.Outbound, "/")) { Headers = { Host = policy.ToLowerInvariant() } };
            using var response = await client.SendAsync(request);
            response.StatusCode.Should().Be(HttpStatusCode.OK, policy);
        }

        (await web.PeersAsync()).GetRawText().Should().Contain(WorkloadPki.SpiffeId("orders"));
        (await orders.StatusAsync()).GetProperty("identity").GetProperty("spiffeId").GetString().Should().Be(WorkloadPki.SpiffeId("orders"));
        (await orders.MetricsAsync()).Sum("mtls_sidecar_requests_total", ("direction", "inbound"), ("code", "200")).Should().Be(policies.Length);
        (await orders.MetricsAsync()).Names.Should().Contain(name => name.StartsWith("kestrel_")).And.Contain(name => name.StartsWith("dotnet_"));
    }

    [Fact]
    public async Task Reload_TakesPoliciesOverAndRefusesWhatNeedsARestart()
    {
        await using var sidecar = await StartOrdersAsync();
        (await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound)).Should().Be(HttpStatusCode.Forbidden);

        var log = sidecar.Log.Position;
        sidecar.ReplaceSettings(settings => settings.Remove("Authorization:Policies").Allow(WorkloadPki.SpiffeId("users")));
        await sidecar.Log.WaitForAsync(line => line.Event == "Reloaded" && line["What"] == "configuration", log);
        (await Peer.StatusAsync(Pki, Pki.Users, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        sidecar.ReplaceSettings(settings => settings.Set("Inbound:MaxConnections", 5));
        (await sidecar.Log.WaitForEventAsync("ReloadFailed", log)).Text.Should().Contain("Sidecar:Inbound:MaxConnections");
    }

    [Fact]
    public async Task SinkOfTheSerilogSection_IsWrittenTo()
    {
        var settings = Orders()
            .Set(":Serilog:MinimumLevel:Override:MtlsSidecar.Proxy.Hosting", "Error")
            .Set(":Serilog:Enrich", new[] { "FromLogContext" })
            .Set(":Serilog:WriteTo", new object[]
            {
                new { Name = "Console", Args = new { outputTemplate = "plain {Level:u3} {Message:lj}{NewLine}" } },
                new { Name = "Console", Args = new { formatter = "Serilog.Formatting.Json.JsonFormatter, Serilog", standardErrorFromLevel = "Verbose" } },
            });
        await using var sidecar = await SidecarProcess.StartAsync(settings);

        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);

        await sidecar.Process.Output.WaitForLineAsync(line => line.StartsWith("plain INF") && line.Contains("Inbound"), Eventually.DefaultTimeout);
        await sidecar.Process.Error.WaitForLineAsync(line => line.StartsWith('{') && line.Contains("\"Listener\":\"Inbound\""), Eventually.DefaultTimeout);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task CollectorThatIsNotThere_HoldsNobodyUp(string protocol)
    {
        await using var sidecar = await SidecarProcess.StartAsync(Orders(), new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://127.0.0.1:{FreePorts.Next()}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });

        (await Peer.StatusAsync(Pki, Pki.Web, sidecar.Inbound)).Should().Be(HttpStatusCode.OK);
        (await sidecar.MetricsAsync()).Sum("mtls_sidecar_requests_total", ("direction", "inbound")).Should().Be(1);

        (await sidecar.TerminateAsync()).Should().Be(0);
        sidecar.Log.Lines().Should().NotContain(line => line.Level == "Error");
    }

    [Fact]
    public async Task Tunnel_CarriesBytesBothWays()
    {
        await using var application = TcpApplication.Echo();
        await using var orders = await SidecarProcess.StartAsync(SidecarSettings.For("orders", Pki.Orders, Pki)
            .InboundTunnel("raw-in", application.Address).Allow(WorkloadPki.SpiffeId("web")));
        await using var web = await SidecarProcess.StartAsync(SidecarSettings.For("web", Pki.Web, Pki)
            .OutboundTunnel("raw-out", WorkloadPki.SpiffeId("orders"), $"tcp://127.0.0.1:{orders.Tunnel("raw-in")}"));

        await using var caller = await WireConnection.ConnectPlainAsync(web.Tunnel("raw-out"));
        await caller.SendAsync("there and back");
        await caller.EndAsync();

        (await caller.ReadToEndAsync()).Should().Be("there and back");
    }

    private static Task<ProcessResult> RunAsync(string workingDirectory, params IReadOnlyList<string> arguments) =>
        ChildProcess.RunAsync(SidecarProgram.Start(workingDirectory, arguments));
}
