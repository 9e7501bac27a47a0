using System.Globalization;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>A host of its own beside this machine, as a network namespace behind a cable of two ends; it can vanish without a word. Needs root.</summary>
public sealed class OtherHost : IAsyncDisposable
{
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"mtls{Environment.ProcessId % 100_000}");

    private OtherHost()
    {
    }

    /// <summary>Whether this machine lets us make one.</summary>
    public static bool IsPossible => Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() && File.Exists("/usr/sbin/ip");

    /// <summary>The address of this machine as the other host sees it; of a network that is meant for tests (RFC 2544).</summary>
    public string OurAddress { get; } = string.Create(CultureInfo.InvariantCulture, $"198.18.{Environment.ProcessId % 250}.1");

    private string ItsAddress => OurAddress[..^1] + "2";

    public static async Task<OtherHost> StartAsync()
    {
        var host = new OtherHost();
        try
        {
            await IpAsync("netns", "add", host._name);
            await IpAsync("link", "add", $"{host._name}a", "type", "veth", "peer", "name", "b", "netns", host._name);
            await IpAsync("addr", "add", $"{host.OurAddress}/30", "dev", $"{host._name}a");
            await IpAsync("link", "set", "dev", $"{host._name}a", "up");
            await IpAsync("-n", host._name, "addr", "add", $"{host.ItsAddress}/30", "dev", "b");
            await IpAsync("-n", host._name, "link", "set", "dev", "b", "up");
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>How to start a program there.</summary>
    public ProcessStart On(ProcessStart start)
        => start with { Program = "ip", Arguments = ["netns", "exec", _name, start.Program, .. start.Arguments] };

    /// <summary>From now on nothing that is sent there is answered, and nothing comes from there.</summary>
    public Task VanishAsync() => IpAsync("-n", _name, "addr", "flush", "dev", "b");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
        => await ChildProcess.RunAsync(new ProcessStart("ip", "netns", "del", _name));

    private static async Task IpAsync(params IReadOnlyList<string> arguments)
    {
        var result = await ChildProcess.RunAsync(new ProcessStart("ip", arguments));
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)} failed.\n{result.Error}");
        }
    }
}
