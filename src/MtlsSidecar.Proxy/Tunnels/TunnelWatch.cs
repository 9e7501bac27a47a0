using Microsoft.Extensions.Hosting;
using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Looks after open connections twice a second: cuts those that idled or lived too long or lost an end, and counts what they carried.</summary>
internal sealed class TunnelWatch(TunnelSet tunnels, TunnelAccount account, TimeProvider timeProvider) : BackgroundService
{
    // One timer for all: ten thousand connections with timers of their own would spend more on timers than on bytes.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // A living end that doesn't read is asked whether it does again at least every two minutes (TCP_RTO_MAX), and answers.
    private static readonly TimeSpan Vanished = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan VanishedInterval = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (tunnels.All.Count == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(Interval, timeProvider);
        var lastAsked = timeProvider.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var asks = timeProvider.GetElapsedTime(lastAsked) >= VanishedInterval;
            lastAsked = asks ? timeProvider.GetTimestamp() : lastAsked;
            foreach (var tunnel in tunnels.All)
            {
                foreach (var connection in tunnel.Connections)
                {
                    Look(tunnel, connection, asks);
                }
            }
        }
    }

    private void Look(Tunnel tunnel, TunnelConnection connection, bool asks)
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
        else if (asks && connection.Traffic.IdleFor >= Vanished)
        {
            var (isAccepted, isDialled) = connection.FindSilentEnd(Vanished);
            if (isAccepted || isDialled)
            {
                var isPeer = isAccepted == (tunnel.Direction == ConnectionDirection.Inbound);
                connection.Cut(isPeer ? TunnelEndReason.ResetByPeer : TunnelEndReason.ResetByApplication);
            }
        }
    }
}
