using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Demo;

/// <summary>What the README's section "With your own services" says is done as it stands there, on ports that are free.</summary>
public sealed partial class ReadmeTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly Dictionary<string, string> _ports = [];
    private HttpApplication _application = null!;

    public async Task InitializeAsync() => _application = await HttpApplication.StartAsync();

    public async Task DisposeAsync()
    {
        await _application.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task FourCommands_LeadToTwoEnrolledSidecars_OfWhichOneIsRevoked()
    {
        var section = Section();
        _ports["8080"] = _application.Port.ToString(CultureInfo.InvariantCulture);
        var ((orders, ordersAdmin), (web, _)) = (WriteSettings(section, "orders"), WriteSettings(section, "web"));
        var commands = Shell().Matches(section).Select(block => WithFreePorts(block.Groups[1].Value)).ToList();
        commands.Should().HaveCount(3);

        await using var started = ChildProcess.Start(Bash($"trap 'kill $(jobs -p); wait' TERM EXIT\nset -e\n{commands[0]}\nwait"));
        try
        {
            await Eventually.HoldsAsync(
                async () => started.HasExited
                    ? throw new InvalidOperationException($"{started.Output}\n{started.Error}")
                    : await IsReadyAsync(orders) && await IsReadyAsync(web),
                "both sidecars are ready",
                TimeSpan.FromSeconds(40));
            (await ChildProcess.RunAsync(Bash(commands[1]))).ExitCode.Should().Be(0);

            var revoked = await ChildProcess.RunAsync(Bash(commands[2]));
            revoked.ExitCode.Should().Be(0, revoked.ToString());

            // The default would be five minutes, so that the time of this wait is the RefreshInterval's that stands there.
            await Eventually.HoldsAsync(async () => (await ChildProcess.RunAsync(Bash(commands[1]))).ExitCode != 0, "web is cut off");
            using var client = PlainClient.Create();
            var metrics = new MetricsText(await client.GetStringAsync(new Uri(ordersAdmin, "/metrics")));
            metrics.Sum("mtls_sidecar_connections_closed_total", ("direction", "inbound"), ("reason", "Revoked")).Should().Be(1, "the open connection is cut for that and nothing else");

            // A call may have been on the connection that is being cut; the next comes with a handshake.
            JsonArray refusals = [];
            await Eventually.HoldsAsync(
                async () =>
                {
                    (await ChildProcess.RunAsync(Bash(commands[1]))).ExitCode.Should().NotBe(0);
                    refusals = JsonNode.Parse(await client.GetStringAsync(new Uri(ordersAdmin, "/status")))!["lastRefusals"]!.AsArray();
                    return refusals.Count > 0;
                },
                "a handshake that is refused");
            refusals.Should().OnlyContain(refusal => (string)refusal!["reason"]! == "Revoked");
        }
        finally
        {
            started.Signal(ProcessSignal.Terminate);
            await started.WaitForExitAsync(TimeSpan.FromSeconds(40));
        }
    }

    private static string Section()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "MtlsSidecar.sln")))
        {
            root = root.Parent!;
        }

        return File.ReadAllText(Path.Combine(root.FullName, "README.md")).Split("\n## ").Single(part => part.StartsWith("With your own services", StringComparison.Ordinal));
    }

    private static async Task<bool> IsReadyAsync(Uri probes)
    {
        using var client = PlainClient.Create();
        try
        {
            using var response = await client.GetAsync(new Uri(probes, "/healthz/ready"));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Writes the settings as they stand there, with admin ports that are free, and gives the addresses of probes and admin.</summary>
    private (Uri Probes, Uri Admin) WriteSettings(string section, string name)
    {
        var json = section[section.IndexOf($"`{name}.json`", StringComparison.Ordinal)..];
        var settings = JsonNode.Parse(WithFreePorts(Json().Match(json).Groups[1].Value))!;
        var (probes, admin) = (SidecarSettings.Loopback(FreePorts.Next()), SidecarSettings.Loopback(FreePorts.Next()));
        settings["Sidecar"]!["Admin"] = new JsonObject { ["Listen"] = admin, ["Probes"] = probes };
        _directory.Write($"{name}.json", settings.ToJsonString());
        return (new Uri(probes), new Uri(admin));
    }

    /// <summary>The authority's ports are its defaults, which no command names: they are given here.</summary>
    private string WithFreePorts(string text)
        => Port().Replace(text, port => PortFor(port.Value))
            .Replace("authority init", $"authority init --advertise http://127.0.0.1:{PortFor("8480")}", StringComparison.Ordinal)
            .Replace(
                "authority serve",
                $"authority serve --listen https://127.0.0.1:{PortFor("8444")} --publish http://127.0.0.1:{PortFor("8480")} --admin http://127.0.0.1:{PortFor("8490")}",
                StringComparison.Ordinal);

    private string PortFor(string port)
        => _ports.TryGetValue(port, out var chosen) ? chosen : _ports[port] = FreePorts.Next().ToString(CultureInfo.InvariantCulture);

    private ProcessStart Bash(string script)
    {
        string[] programs = [SidecarProgram.BuiltProgram("MtlsSidecar", "mtls-sidecar"), SidecarProgram.BuiltProgram("MtlsSidecar.Authority", "mtls-authority")];
        var path = string.Join(':', [.. programs.Select(Path.GetDirectoryName), Environment.GetEnvironmentVariable("PATH")]);
        var start = SidecarProgram.Start(_directory.Path, []);
        return new ProcessStart("bash", "-c", script)
        {
            WorkingDirectory = _directory.Path,
            Environment = new Dictionary<string, string?>(start.Environment) { ["PATH"] = path },
            Input = "",
        };
    }

    [GeneratedRegex(@"^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell();

    [GeneratedRegex(@"^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();

    [GeneratedRegex(@"(?<=:)(?:8080|8443|8444|15001)\b")]
    private static partial Regex Port();
}
