using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Accepts the connections of one tunnel and hands each to its own task. Nothing that happens to one of them stops the others.</summary>
internal sealed partial class TunnelListener(SidecarListener listener, Func<Socket, Task> serve, ListenerDirectory directory, ILogger logger)
{
    private static readonly TimeSpan PauseWithoutResources = TimeSpan.FromMilliseconds(100);
    private Socket? _socket;

    /// <summary>Binds and starts to accept.</summary>
    /// <exception cref="ListenException">The address is taken or not ours.</exception>
    public void Start()
    {
        var endpoint = ListenEndPoint.Of(listener.Address);
        directory.Add(endpoint, listener);
        try
        {
            _socket = TunnelSockets.Listen(endpoint);
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new ListenException(listener, exception);
        }

        directory.Bound(listener, _socket.LocalEndPoint!);
        Log.TunnelListenerBound(logger, listener.Name, listener.Address.UnixPath is null ? $"tcp://{_socket.LocalEndPoint}" : listener.Address.ToString());
        _ = AcceptAsync(_socket);
    }

    /// <summary>Stops accepting. Connections already accepted go on.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _socket, null) is { } socket)
        {
            socket.Dispose();
            Log.TunnelListenerUnbound(logger, listener.Name);
        }
    }

    private async Task AcceptAsync(Socket socket)
    {
        while (true)
        {
            try
            {
                var accepted = await socket.AcceptAsync();

                // Away from this loop at once: a handshake that finds its bytes waiting would compute right here.
                ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.serve(state.accepted), (serve, accepted), preferLocal: false);
            }
            catch (Exception exception) when (Volatile.Read(ref _socket) is null && exception is (SocketException or ObjectDisposedException))
            {
                return;
            }
            catch (SocketException exception)
            {
                // Out of file handles or buffers, or the connection was gone before it was accepted: old ones go on, new ones may come later.
                Log.AcceptFailed(logger, listener.Name, exception.SocketErrorCode);
                await Task.Delay(PauseWithoutResources);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5001, LogLevel.Information, "Listening on {Address} for tunnel {Listener}", EventName = nameof(TunnelListenerBound))]
        public static partial void TunnelListenerBound(ILogger logger, string listener, string address);

        [LoggerMessage(5002, LogLevel.Information, "Stopped accepting for tunnel {Listener}", EventName = nameof(TunnelListenerUnbound))]
        public static partial void TunnelListenerUnbound(ILogger logger, string listener);

        [LoggerMessage(5003, LogLevel.Warning, "Accepting on {Listener} failed: {Error}", EventName = nameof(AcceptFailed))]
        public static partial void AcceptFailed(ILogger logger, string listener, SocketError error);
    }
}
