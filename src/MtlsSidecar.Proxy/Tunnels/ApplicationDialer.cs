using System.Net.Sockets;
using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Connects a permitted peer to the local application, at the first of its destinations that takes the connection.</summary>
internal sealed class ApplicationDialer(TunnelAccount account, TimeProvider timeProvider)
{
    /// <summary>Dials.</summary>
    /// <param name="tunnel">The tunnel.</param>
    /// <param name="connection">The peer's connection, which takes the new socket over.</param>
    /// <param name="permit">Proof that the policies allow it.</param>
    /// <returns>The socket; null when no destination took the connection, which has been logged.</returns>
    /// <exception cref="OperationCanceledException">The connection was cut meanwhile.</exception>
    public async Task<Socket?> DialAsync(Tunnel tunnel, TunnelConnection connection, Permit permit)
    {
        ArgumentNullException.ThrowIfNull(permit);
        var options = tunnel.Options;
        var failures = new List<string>();
        foreach (var destination in tunnel.Health.Order(options.Destinations, timeProvider.GetUtcNow()))
        {
            using var deadline = new CancellationTokenSource(options.ConnectTimeout, timeProvider);
            try
            {
                var socket = await TunnelSockets.ConnectAsync(destination, deadline.Token);
                tunnel.Health.Succeeded(destination);
                connection.Join(socket);
                connection.Destination = destination;
                return socket;
            }
            catch (Exception exception) when (exception is SocketException || (exception is OperationCanceledException && deadline.IsCancellationRequested))
            {
                var detail = exception is SocketException socket ? socket.SocketErrorCode.ToString() : "no answer in time";
                tunnel.Health.Failed(destination, timeProvider.GetUtcNow());
                account.DestinationFailed(tunnel, destination.ToString(), detail);
                failures.Add($"{destination}: {detail}");
            }
        }

        account.Failed(tunnel, connection, string.Join("; ", failures));
        return null;
    }
}
