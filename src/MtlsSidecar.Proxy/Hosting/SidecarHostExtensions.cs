using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>The orderly end of a host with a sidecar in it.</summary>
public static class SidecarHostExtensions
{
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CutTimeout = TimeSpan.FromMilliseconds(100);

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
        var left = await host.Services.GetRequiredService<Drain>().RunAsync(request.Hurry);

        // Idle connections end at once; what is left at the deadline has had its time and is cut.
        using var deadline = new CancellationTokenSource(left == 0 ? IdleTimeout : CutTimeout);
        await host.StopAsync(deadline.Token);
        return left == 0;
    }
}
