using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>Raw bytes, over mutual TLS or in clear, for requests that no HTTP library would send.</summary>
public sealed class WireConnection : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly StringBuilder _received = new();

    private WireConnection(Socket socket, Stream stream)
    {
        (_socket, _stream) = (socket, stream);
    }

    public Stream Stream => _stream;

    /// <summary>The address that the other end sees.</summary>
    public IPEndPoint LocalAddress => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>A connection that was accepted.</summary>
    public static WireConnection Of(Socket socket) => new(socket, new NetworkStream(socket, ownsSocket: true));

    /// <summary>Connects in clear to a Unix socket.</summary>
    public static async Task<WireConnection> ConnectUnixAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return Of(socket);
    }

    /// <summary>Connects in clear.</summary>
    public static async Task<WireConnection> ConnectPlainAsync(int port)
    {
        var socket = await DialAsync(port);
        return new WireConnection(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Connects and finishes the handshake, as far as the client can see.</summary>
    public static async Task<WireConnection> ConnectAsync(
        WorkloadPki pki, WorkloadFiles? workload, int port, SslProtocols protocols = SslProtocols.None, params IReadOnlyList<SslApplicationProtocol> alpn)
    {
        var socket = await DialAsync(port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = MtlsClient.TlsOptions(pki, workload, protocols);
        options.ApplicationProtocols = alpn.Count == 0 ? null : [.. alpn];
        try
        {
            await stream.AuthenticateAsClientAsync(options).WaitAsync(Limit);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        return new WireConnection(socket, stream);
    }

    /// <summary>Goes on over TLS on the same socket, which the new connection takes over.</summary>
    public async Task<WireConnection> StartTlsAsync(SslClientAuthenticationOptions options)
    {
        var tls = new SslStream(_stream);
        try
        {
            await tls.AuthenticateAsClientAsync(options).WaitAsync(Limit);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }

        return new WireConnection(_socket, tls);
    }

    /// <summary>Sends text as Latin-1.</summary>
    public async Task SendAsync(string text)
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await _stream.FlushAsync();
    }

    /// <summary>Sends text and returns everything until the other side closes.</summary>
    public async Task<string> ExchangeAsync(string text)
    {
        try
        {
            await SendAsync(text);
        }
        catch (IOException)
        {
            // Refused while we still wrote: what came back says why.
        }

        return await ReadToEndAsync();
    }

    /// <summary>Reads until what came (since the last call that returned) contains the text; returns all of it and forgets it.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        while (!_received.ToString().Contains(text, StringComparison.Ordinal))
        {
            if (!await ReadMoreAsync())
            {
                throw new EndOfStreamException($"The connection ended after: {_received}");
            }
        }

        return Take();
    }

    /// <summary>Reads and forgets until the text has come, or the connection has ended in whatever way; whether it came.</summary>
    public async Task<bool> ReadToTextOrEndAsync(string text)
    {
        try
        {
            await ReadUntilAsync(text);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Everything until the end of the connection, be it orderly or a reset.</summary>
    public async Task<string> ReadToEndAsync()
    {
        try
        {
            while (await ReadMoreAsync())
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return Take();
    }

    /// <summary>Reads and forgets until the connection ends; whether that is a reset and not an orderly end.</summary>
    public async Task<bool> EndsInResetAsync()
    {
        try
        {
            while (await ReadMoreAsync(isKept: false))
            {
            }

            return false;
        }
        catch (IOException exception) when (exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    /// <summary>Says that no more will be sent, and still reads: FIN in clear, <c>close_notify</c> over TLS.</summary>
    public async Task EndAsync()
    {
        if (_stream is SslStream tls)
        {
            await tls.ShutdownAsync();
        }
        else
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Ends the connection with a TCP reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();

    private static async Task<Socket> DialAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private async Task<bool> ReadMoreAsync(bool isKept = true)
    {
        using var deadline = new CancellationTokenSource(Limit);
        var buffer = new byte[16 * 1024];
        try
        {
            var read = await _stream.ReadAsync(buffer, deadline.Token);
            if (isKept)
            {
                _received.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }

            return read > 0;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing came for {Limit.TotalSeconds} s after: {_received}");
        }
    }

    private string Take()
    {
        var text = _received.ToString();
        _received.Clear();
        return text;
    }
}
