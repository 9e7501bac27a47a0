using System.Net;
using System.Net.Sockets;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>Asks whether somebody listens on a loopback port.</summary>
public static class TcpProbe
{
    public static Task WaitUntilListeningAsync(int port, TimeSpan? timeout = null) =>
        Eventually.HoldsAsync(() => IsListeningAsync(port), $"a listener on port {port}", timeout);

    public static async Task<bool> IsListeningAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
