using System.Net.Sockets;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Tunnels.Relaying;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>The path of an outbound tunnel's connection: local application → destination with an accepted identity → bytes.</summary>
internal sealed class OutboundTunnel(Tunnel tunnel, ConnectionQuota quota, TunnelParts parts)
{
    /// <summary>Serves one connection to its end. Never throws.</summary>
    public async Task ServeAsync(Socket socket)
    {
        var remote = socket.AddressFamily == AddressFamily.Unix ? null : socket.RemoteEndPoint;
        if (!quota.TryEnter(tunnel.Options.MaxConnections, remote?.ToString()))
        {
            parts.Account.Shed(tunnel);
            SocketSettings.Close(socket, abortive: true);
            return;
        }

        using var connection = new TunnelConnection(socket, remote, parts.TimeProvider);
        parts.Account.Begin(tunnel, connection);
        try
        {
            SocketSettings.Apply(socket);
            using var application = new PlainSide(socket);
            await CarryAsync(connection, application);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone or cut before it was joined to a peer.
            connection.Cut(TunnelEndReason.ResetByApplication);
        }
        catch (Exception exception)
        {
            parts.Account.Defect(tunnel, exception);
            connection.Cut(TunnelEndReason.Defect);
        }
        finally
        {
            quota.Leave();
            if (connection.Live is { } live)
            {
                parts.Registry.Remove(live);
            }

            parts.Account.End(tunnel, connection);
        }
    }

    private async Task CarryAsync(TunnelConnection connection, PlainSide application)
    {
        if (await parts.Peers.DialAsync(tunnel, connection) is not { } dialled)
        {
            await TunnelParts.DismissAsync(connection, application, TunnelEndReason.PeerUnreachable);
            return;
        }

        using var peer = dialled;
        await new DuplexCopier(peer, application, connection.Traffic, connection.Cut).RunAsync();
    }
}
