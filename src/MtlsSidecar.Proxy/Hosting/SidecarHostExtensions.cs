using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>The start and the orderly end of a host with a sidecar in it.</summary>
public static partial class SidecarHostExtensions
{
    private static readonly TimeSpan FailedStartTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes what an operator should know of the configuration into the log, where it is looked for long after the start.</summary>
    public static void LogWarnings(this IHost host, IEnumerable<ConfigurationWarning> warnings)
    {
        ArgumentNullException.ThrowIfNull(warnings);
        var logger = LoggerOf(host);
        foreach (var warning in warnings)
        {
            Log.ConfigurationWarned(logger, warning.Key, warning.Message);
        }
    }

    /// <summary>Starts the host.</summary>
    /// <returns>Why a listener could not be opened, with its key; null when all are open.</returns>
    public static async Task<string?> StartListeningAsync(this IHost host)
    {
        try
        {
            await host.StartAsync();
            return null;
        }
        catch (ListenException exception)
        {
            Log.ListenFailed(LoggerOf(host), exception.Key, exception.Address, exception.InnerException!.Message);

            // What has started already ends in order; torn away, it would fail and log that too.
            using var deadline = new CancellationTokenSource(FailedStartTimeout);
            await host.StopAsync(deadline.Token);
            return exception.Message;
        }
    }

    /// <summary>Shows in the metrics how many log lines the host's log has dropped.</summary>
    public static void ObserveDroppedLogLines(this IServiceProvider services, Func<long> count)
        => services.GetRequiredService<SidecarMetrics>().ObserveDroppedLogLines(count);

    /// <summary>Reads everything again that can be: what <c>POST /reload</c> does. A bad file keeps the old and is logged.</summary>
    public static Task ReloadAsync(this IHost host) => host.Services.GetRequiredService<Reload>().RunAsync(CancellationToken.None);

    /// <summary>Drains and stops the host.</summary>
    /// <returns>Whether everything in flight was finished.</returns>
    public static async Task<bool> DrainAndStopAsync(this IHost host)
    {
        var request = host.Services.GetRequiredService<DrainRequest>();
        return await host.Services.GetRequiredService<Drain>().RunAsync(host.StopAsync, request.Hurry) == 0;
    }

    private static ILogger LoggerOf(IHost host) => host.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(SidecarHostExtensions).FullName!);

    private static partial class Log
    {
        [LoggerMessage(9001, LogLevel.Warning, "Configuration: {Key}: {Warning}", EventName = nameof(ConfigurationWarned))]
        public static partial void ConfigurationWarned(ILogger logger, string key, string warning);

        [LoggerMessage(1003, LogLevel.Error, "{Key}: can't listen on {Address}: {Error}", EventName = nameof(ListenFailed))]
        public static partial void ListenFailed(ILogger logger, string key, string address, string error);
    }
}
