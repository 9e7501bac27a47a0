using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace MtlsSidecar.TestKit.Networking;

/// <summary>
/// An HTTP server on a loopback port that does exactly what a test says, including what no proper server would: hang, dribble, lie about
/// its length. One request a connection.
/// </summary>
public sealed class ScriptedHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<ScriptedRequest, Task> _script;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    private ScriptedHttpServer(IPAddress address, Func<ScriptedRequest, Task> script, SslServerAuthenticationOptions? tls = null)
    {
        (_script, _tls) = (script, tls);
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Heads of the requests so far.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Subjects of the clients' certificates so far, over TLS; null for a client without one.</summary>
    public ConcurrentQueue<string?> Clients { get; } = new();

    /// <summary>The names that clients have asked for in their handshakes so far, over TLS; empty for a client that named none.</summary>
    public ConcurrentQueue<string> ServerNames { get; } = new();

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>A URL of this server.</summary>
    public string Url(string path = "/crl") => $"http://{Endpoint}{path}";

    /// <summary>Starts a server that runs the script for each request.</summary>
    public static ScriptedHttpServer Start(Func<ScriptedRequest, Task> script, IPAddress? address = null) => new(address ?? IPAddress.Loopback, script);

    /// <summary>Starts a server behind TLS.</summary>
    public static ScriptedHttpServer StartTls(Func<ScriptedRequest, Task> script, SslServerAuthenticationOptions tls) => new(IPAddress.Loopback, script, tls);

    /// <summary>Starts a server that answers every request with the same content.</summary>
    public static ScriptedHttpServer Serving(byte[] content) => Start(request => request.AnswerAsync(content));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
            }
        }
        catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped, which shows in any of these: while it waits, while it is closed, or before it waits again.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await using var stream = await SecureAsync(client.GetStream());
                if (await ReadRequestAsync(stream) is { } request)
                {
                    Requests.Enqueue(request.Head);
                    await _script(request);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException or AuthenticationException)
            {
                // The client went away, or the test is over.
            }
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream stream)
    {
        if (_tls is null)
        {
            return stream;
        }

        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(_tls, _stopping.Token);
        ServerNames.Enqueue(secure.TargetHostName);
        Clients.Enqueue(secure.RemoteCertificate?.Subject);
        return secure;
    }

    private async Task<ScriptedRequest?> ReadRequestAsync(Stream stream)
    {
        var received = new MemoryStream();
        var chunk = new byte[4096];
        while (true)
        {
            var read = await stream.ReadAsync(chunk, _stopping.Token);
            if (read == 0)
            {
                return null;
            }

            received.Write(chunk, 0, read);
            var bytes = received.ToArray();
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                continue;
            }

            var head = Encoding.ASCII.GetString(bytes, 0, end);
            if (bytes.Length - end - 4 >= ContentLength(head))
            {
                return new ScriptedRequest(stream, head, bytes[(end + 4)..], _stopping.Token);
            }
        }
    }

    private static int ContentLength(string head)
        => head.Split("\r\n").Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..], System.Globalization.CultureInfo.InvariantCulture)).FirstOrDefault();
}
