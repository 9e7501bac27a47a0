using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Handshakes;

/// <summary>Clients that connect, present a certificate, get one answer and leave, over and over: every request costs a full mutual handshake.</summary>
internal static class HandshakeLoad
{
    private const int Clients = 4;
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n");

    /// <summary>Runs for a time.</summary>
    /// <returns>Handshakes that ended in an answer, and how long it took.</returns>
    /// <exception cref="InvalidOperationException">One of them was refused.</exception>
    public static async Task<(int Handshakes, TimeSpan Elapsed)> RunAsync(WorkloadPki pki, WorkloadFiles workload, int port, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            var options = MtlsClient.TlsOptions(pki, workload);
            var count = 0;
            while (watch.Elapsed < duration)
            {
                count += await IsAnsweredAsync(options, port) ? 1 : throw new InvalidOperationException("A handshake was refused.");
            }

            return count;
        })));
        return (counts.Sum(), watch.Elapsed);
    }

    /// <summary>Whether one request over a connection of its own is answered with 200.</summary>
    public static async Task<bool> IsAnsweredAsync(SslClientAuthenticationOptions options, int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(new NetworkStream(socket));
        try
        {
            await tls.AuthenticateAsClientAsync(options);
            await tls.WriteAsync(Request);
            using var reader = new StreamReader(tls, Encoding.ASCII);
            return (await reader.ReadToEndAsync()).StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
