using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>
/// Ports for programs that must be told theirs before they start. They lie below the range from which the system takes ports
/// for outgoing connections and for port 0, so nothing else takes one between its choice here and its use.
/// </summary>
public static class FreePorts
{
    private const int First = 20_000;
    private const int Count = 12_000;

    // Test programs that run at the same time start at different places; a port in use is passed over anyway.
    private static int _next = Environment.ProcessId * 97 % Count;

    /// <summary>A loopback port that nobody listens on.</summary>
    public static int Next()
    {
        for (var attempt = 0; attempt < Count; attempt++)
        {
            var port = First + (Interlocked.Increment(ref _next) & int.MaxValue) % Count;
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port from {First} to {First + Count - 1}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
