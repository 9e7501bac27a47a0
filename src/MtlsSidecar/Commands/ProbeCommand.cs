using System.CommandLine;
using System.Net;
using MtlsSidecar.Configuration;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Commands;

/// <summary><c>probe</c>: asks the running sidecar's probe listener, for container health checks without curl.</summary>
internal static class ProbeCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var what = new Argument<string>("probe") { Description = "live, ready or startup" };
        what.AcceptOnlyFromAmong("live", "ready", "startup");
        var config = CommandLine.ConfigOption();
        var command = new Command("probe", "Ask the running sidecar whether it is live, ready or started; exit 0 or 1.") { what, config };
        command.SetAction(async (parsed, cancellationToken) => await ProbeAsync(parsed.GetValue(what)!, parsed.GetValue(config) ?? [], cancellationToken));
        return command;
    }

    private static async Task<int> ProbeAsync(string what, string[] configFiles, CancellationToken cancellationToken)
    {
        var loaded = SidecarConfiguration.OfProcess(configFiles).Load();
        if (loaded.Sidecar.Options is not { } options)
        {
            foreach (var error in loaded.Sidecar.Errors)
            {
                await Console.Error.WriteLineAsync($"error: {error}");
            }

            return ExitCode.Usage;
        }

        try
        {
            using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout };
            using var response = await client.GetAsync(new Uri(AddressOf(options.Admin.Probes), $"/healthz/{what}"), cancellationToken);
            await Console.Out.WriteLineAsync(await response.Content.ReadAsStringAsync(cancellationToken));
            return response.IsSuccessStatusCode ? ExitCode.Success : ExitCode.Failure;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"error: no answer from {options.Admin.Probes}: {exception.Message}");
            return ExitCode.Failure;
        }
    }

    /// <summary>A listener on all addresses is asked on loopback.</summary>
    private static Uri AddressOf(EndpointAddress listen)
    {
        var host = listen.Address switch
        {
            { } address when address.Equals(IPAddress.Any) => IPAddress.Loopback.ToString(),
            { } address when address.Equals(IPAddress.IPv6Any) => $"[{IPAddress.IPv6Loopback}]",
            _ => null,
        };
        return host is null ? new Uri(listen.ToString()) : new Uri($"http://{host}:{listen.Port}");
    }
}
