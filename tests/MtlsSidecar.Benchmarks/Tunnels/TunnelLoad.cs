using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>What the clients do: small exchanges, bulk, and nothing at all.</summary>
internal static class TunnelLoad
{
    public const int MessageLength = 64;
    private const int BulkConnections = 2;
    private const int ConnectingAtOnce = 32;
    private const int Chunk = 256 * 1024;

    /// <summary>Each connection sends a message, waits until it is back, and sends the next.</summary>
    /// <returns>How many came back.</returns>
    public static async Task<long> ExchangeAsync(Uri entry, int connections, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var socket = await OpenEchoAsync(entry);
            var count = 0L;
            for (var message = new byte[MessageLength]; watch.Elapsed < duration; count++)
            {
                await ExchangeAsync(socket, message);
            }

            return count;
        })));
        return counts.Sum();
    }

    /// <summary>Sends as fast as it goes, and waits until all has arrived.</summary>
    /// <returns>Bytes, and how long it took.</returns>
    public static async Task<(long Bytes, TimeSpan Elapsed)> SendAsync(Uri entry, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        var sent = await Task.WhenAll(Enumerable.Range(0, BulkConnections).Select(_ => Task.Run(async () =>
        {
            using var socket = await ConnectAsync(entry);
            await socket.SendAsync(new[] { TcpEcho.Swallow });
            var bytes = 0L;
            for (var chunk = new byte[Chunk]; watch.Elapsed < duration;)
            {
                bytes += await socket.SendAsync(chunk);
            }

            socket.Shutdown(SocketShutdown.Send);
            await ReceiveAsync(socket, new byte[1]);
            return bytes;
        })));
        return (sent.Sum(), watch.Elapsed);
    }

    /// <summary>Opens connections that have each carried one message and then say nothing; as many as come in the time, at most those wanted.</summary>
    public static async Task<IReadOnlyList<Socket>> OpenIdleAsync(Uri entry, int wanted, TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        var left = wanted;
        var opened = await Task.WhenAll(Enumerable.Range(0, ConnectingAtOnce).Select(_ => Task.Run(async () =>
        {
            var sockets = new List<Socket>();
            var message = new byte[MessageLength];
            while (watch.Elapsed < atMost && Interlocked.Decrement(ref left) >= 0)
            {
                var socket = await OpenEchoAsync(entry);
                sockets.Add(socket);
                await ExchangeAsync(socket, message);
            }

            return sockets;
        })));
        return [.. opened.SelectMany(sockets => sockets)];
    }

    private static async Task<Socket> OpenEchoAsync(Uri entry)
    {
        var socket = await ConnectAsync(entry);
        await socket.SendAsync(new[] { TcpEcho.Echo });
        return socket;
    }

    private static async Task<Socket> ConnectAsync(Uri entry)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, entry.Port);
        return socket;
    }

    private static async Task ExchangeAsync(Socket socket, byte[] message)
    {
        await socket.SendAsync(message);
        await ReceiveAsync(socket, message);
    }

    /// <summary>Fills the buffer.</summary>
    /// <exception cref="InvalidOperationException">The connection ended: figures of a pair that drops connections are worth nothing.</exception>
    private static async Task ReceiveAsync(Socket socket, Memory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var count = await socket.ReceiveAsync(buffer);
            buffer = count > 0 ? buffer[count..] : throw new InvalidOperationException("A tunnel ended before its time.");
        }
    }
}
