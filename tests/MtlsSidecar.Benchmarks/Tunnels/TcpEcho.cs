using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>The application behind every pair. The first byte of a connection says what it does with the rest: send it back, or swallow it.</summary>
internal sealed class TcpEcho : IDisposable
{
    public const byte Echo = 1;
    public const byte Swallow = 2;
    private const int Backlog = 4096;
    private const int EchoBuffer = 256;
    private const int SwallowBuffer = 256 * 1024;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TcpEcho()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(Backlog);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var accepted = await _listener.AcceptAsync();
                _ = Task.Run(() => ServeAsync(accepted));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    private static async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        socket.NoDelay = true;
        var buffer = new byte[EchoBuffer];
        try
        {
            if (await socket.ReceiveAsync(buffer.AsMemory(0, 1)) == 0)
            {
                return;
            }

            var isEcho = buffer[0] == Echo;
            buffer = isEcho ? buffer : new byte[SwallowBuffer];
            int count;
            while ((count = await socket.ReceiveAsync(buffer)) > 0)
            {
                if (isEcho)
                {
                    await socket.SendAsync(buffer.AsMemory(0, count));
                }
            }

            // Tells the sender that all has arrived, and not only left.
            await socket.SendAsync(new[] { Swallow });
        }
        catch (SocketException)
        {
            // The client left, or the pair was ended.
        }
    }
}
