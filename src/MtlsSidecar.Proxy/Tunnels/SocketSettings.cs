using System.Net.Sockets;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>How the sockets of tunnels behave.</summary>
internal static class SocketSettings
{
    // A peer that vanished without a word is found out after 60 + 4 × 15 seconds.
    private const int KeepAliveTimeSeconds = 60;
    private const int KeepAliveIntervalSeconds = 15;
    private const int KeepAliveProbes = 4;

    /// <summary>Small messages leave at once, and a vanished other end is noticed.</summary>
    public static void Apply(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTimeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveProbes);
    }

    /// <summary>Closes a socket; abortively with a reset, which also discards what the other end has not taken yet.</summary>
    public static void Close(Socket socket, bool abortive)
    {
        try
        {
            if (abortive)
            {
                socket.LingerState = new LingerOption(true, 0);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already; closing it is all that is left to do.
        }

        socket.Dispose();
    }
}
