using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// The listeners of all tunnels. They are plain sockets, not Kestrel's: Kestrel closes both directions of a connection at once, and keeps
/// buffers that a tunnel which only waits has no use for.
/// </summary>
internal sealed class TunnelListeners(TunnelSet tunnels, InboundStages stages, TunnelParts parts, ListenerDirectory directory, ILoggerFactory loggers) : IHostedService
{
    private readonly List<(TunnelDirection Direction, TunnelListener Listener)> _listeners = [];

    /// <summary>How many connections are open, of both directions.</summary>
    public int OpenConnections => tunnels.All.Sum(tunnel => tunnel.Connections.Count());

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var tunnel in tunnels.All)
        {
            var listener = Create(tunnel);
            listener.Start();
            _listeners.Add((tunnel.Options.Direction, listener));
        }

        return Task.CompletedTask;
    }

    /// <summary>Accepts no more peers. The local application can still call out, and connections already accepted go on.</summary>
    public void StopInbound() => Stop(listener => listener.Direction == TunnelDirection.Inbound);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Stop(static _ => true);
        foreach (var connection in tunnels.All.SelectMany(tunnel => tunnel.Connections))
        {
            connection.Cut(TunnelEndReason.Drained);
        }

        return Task.CompletedTask;
    }

    private void Stop(Func<(TunnelDirection Direction, TunnelListener Listener), bool> concerned)
    {
        foreach (var (_, listener) in _listeners.Where(concerned))
        {
            listener.Stop();
        }
    }

    private TunnelListener Create(Tunnel tunnel)
    {
        var listener = new SidecarListener(ListenerRole.Tunnel, tunnel.Name, tunnel.Options.Listen);
        var logger = loggers.CreateLogger<TunnelListener>();
        return new TunnelListener(
            listener,
            tunnel.Options.Direction == TunnelDirection.Inbound
                ? new InboundTunnel(tunnel, listener, stages, parts).ServeAsync
                : new OutboundTunnel(tunnel, new ConnectionQuota(tunnel.Name, logger), parts).ServeAsync,
            directory,
            logger);
    }
}
