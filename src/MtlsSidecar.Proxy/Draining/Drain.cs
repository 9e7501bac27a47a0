using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Tunnels;

namespace MtlsSidecar.Proxy.Draining;

/// <summary>
/// The orderly end: unready → delay, still serving → no new inbound connections → in-flight work finishes → idle connections end → (deadline) cut. What comes in
/// keeps being answered for as long as somebody may not have heard that we are leaving.
/// </summary>
internal sealed partial class Drain(
    DrainState state,
    DrainOptions options,
    (DrainableTransport Transport, TunnelListeners Tunnels) listeners,
    ConnectionRegistry connections,
    (TimeProvider TimeProvider, ILogger<Drain> Logger) services)
{
    /// <summary>For how long a peer may keep us that neither closes its idle connection nor uses it.</summary>
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(2);

    /// <summary>For how long what is about to be cut may still end by itself.</summary>
    private static readonly TimeSpan CutTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>For how long the last lines of what was cut are waited for.</summary>
    private static readonly TimeSpan AccountTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Drains and stops.</summary>
    /// <param name="stop">Closes what is left: idle connections at once, others when they are done or, at the latest, when it is cancelled.</param>
    /// <param name="hurry">Cancelled when the operator asks a second time: waiting ends at once.</param>
    /// <returns>How many exchanges were cut; 0 when everything was served.</returns>
    public async Task<int> RunAsync(Func<CancellationToken, Task> stop, CancellationToken hurry)
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
        var begun = services.TimeProvider.GetTimestamp();
        var idle = state.WaitUntilIdleAsync(options.GracePeriod, services.TimeProvider);
        await Task.WhenAny(idle, WaitAsync(Timeout.InfiniteTimeSpan, hurry));
        var isIdle = idle.IsCompleted && await idle;
        var (left, tunnels) = (state.InFlight, listeners.Tunnels.OpenConnections);

        // 5. Idle connections end. Nothing was in flight for a moment, but a request may have been on its way over one of them: it is served
        // like those before it, for as long as they would have been.
        using var cut = new CancellationTokenSource();
        var stopping = stop(cut.Token);
        if (isIdle)
        {
            await Task.WhenAny(stopping, WaitAsync(IdleTimeout, hurry));
            var remaining = options.GracePeriod - services.TimeProvider.GetElapsedTime(begun);
            if (!stopping.IsCompleted && remaining > TimeSpan.Zero)
            {
                await Task.WhenAny(stopping, state.WaitUntilIdleAsync(remaining, services.TimeProvider), WaitAsync(Timeout.InfiniteTimeSpan, hurry));
            }

            left = state.InFlight;
        }

        // 6. What is left has had its time.
        Log.Drained(services.Logger, left, tunnels);
        cut.CancelAfter(left == 0 ? TimeSpan.Zero : CutTimeout);
        await stopping;

        // 7. What was cut has a last line to write once it notices; the process must not end before.
        await Task.WhenAny(state.WaitUntilIdleAsync(AccountTimeout, services.TimeProvider), WaitAsync(Timeout.InfiniteTimeSpan, hurry));
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
