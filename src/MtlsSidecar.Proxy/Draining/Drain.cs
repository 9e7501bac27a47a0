using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Tunnels;

namespace MtlsSidecar.Proxy.Draining;

/// <summary>
/// The orderly end: unready → delay, still serving → no new inbound connections → in-flight work finishes → (deadline) cut. What comes in
/// keeps being answered for as long as somebody may not have heard that we are leaving.
/// </summary>
internal sealed partial class Drain(
    DrainState state,
    DrainOptions options,
    (DrainableTransport Transport, TunnelListeners Tunnels) listeners,
    ConnectionRegistry connections,
    (TimeProvider TimeProvider, ILogger<Drain> Logger) services)
{
    /// <summary>Drains.</summary>
    /// <param name="hurry">Cancelled when the operator asks a second time: waiting ends at once.</param>
    /// <returns>How many exchanges are left to be cut; 0 when everything was served.</returns>
    public async Task<int> RunAsync(CancellationToken hurry)
    {
        // 1. Unready. Probes see it at once, and answers say Connection: close.
        state.TryBegin();
        Log.Draining(services.Logger, options.Delay, options.GracePeriod);
        RequestCloseOfMultiplexed();

        // 2. Load balancers need time to notice; until then new connections are served as ever.
        await WaitAsync(options.Delay, hurry);

        // 3. No new peers. The local application may still call out.
        await listeners.Transport.UnbindAsync(ListenerRole.Inbound);
        listeners.Tunnels.StopInbound();
        RequestCloseOfMultiplexed();

        // 4. What was begun is finished.
        await Task.WhenAny(state.WaitUntilIdleAsync(options.GracePeriod, services.TimeProvider), WaitAsync(Timeout.InfiniteTimeSpan, hurry));
        var left = state.InFlight;
        Log.Drained(services.Logger, left, listeners.Tunnels.OpenConnections);
        return left;
    }

    /// <summary>
    /// HTTP/2 connections get GOAWAY and dial anew. HTTP/1.1 has no such word: closing an idle connection would race with the next request on
    /// it, so those end with the <c>Connection: close</c> of their next answer.
    /// </summary>
    private void RequestCloseOfMultiplexed()
    {
        foreach (var connection in connections.All.Where(connection => connection is { Direction: ConnectionDirection.Inbound, IsMultiplexed: true }))
        {
            connection.RequestClose();
        }
    }

    private async Task WaitAsync(TimeSpan time, CancellationToken hurry)
    {
        try
        {
            await Task.Delay(time, services.TimeProvider, hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            // Asked to hurry.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(9101, LogLevel.Information, "Draining: serving on for {Delay}, then at most {GracePeriod} for work in flight", EventName = nameof(Draining))]
        public static partial void Draining(ILogger logger, TimeSpan delay, TimeSpan gracePeriod);

        [LoggerMessage(9102, LogLevel.Information, "Drained; {Left} exchanges are cut, {Tunnels} of them tunnels", EventName = nameof(Drained))]
        public static partial void Drained(ILogger logger, int left, int tunnels);
    }
}
