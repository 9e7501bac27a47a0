using Microsoft.Extensions.Hosting;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Looks after open connections twice a second: cuts those that idled or lived too long, and counts what they carried.</summary>
internal sealed class TunnelWatch(TunnelSet tunnels, TunnelAccount account, TimeProvider timeProvider) : BackgroundService
{
    // One timer for all: ten thousand connections with timers of their own would spend more on timers than on bytes.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (tunnels.All.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, timeProvider);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var tunnel in tunnels.All)
            {
                foreach (var connection in tunnel.Connections)
                {
                    Look(tunnel, connection);
                }
            }
        }
    }

    private void Look(Tunnel tunnel, TunnelConnection connection)
    {
        account.ReportBytes(tunnel, connection);
        var options = tunnel.Options;
        if (connection.Traffic.IdleFor >= options.IdleTimeout)
        {
            connection.Cut(TunnelEndReason.Idle);
        }
        else if (options.MaxLifetime > TimeSpan.Zero && connection.Age >= options.MaxLifetime)
        {
            connection.Cut(TunnelEndReason.MaxLifetime);
        }
    }
}
