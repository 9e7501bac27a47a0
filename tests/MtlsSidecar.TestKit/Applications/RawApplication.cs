using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>An application below HTTP: the test writes what it does with each connection, and sees every byte that it received.</summary>
public sealed class RawApplication : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<RawConnection, Task> _serve;
    private readonly StringBuilder _received = new();
    private readonly Task _accepting;
    private int _connections;

    /// <summary>Starts it on a port of the system's choice.</summary>
    public RawApplication(Func<RawConnection, Task> serve)
    {
        _serve = serve;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public string Address => $"http://127.0.0.1:{Port}";

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Everything received on all connections, as Latin-1.</summary>
    public string Received
    {
        get
        {
            lock (_received)
            {
                return _received.ToString();
            }
        }
    }

    /// <summary>Forgets what was received so far.</summary>
    public void Forget()
    {
        lock (_received)
        {
            _received.Clear();
        }
    }

    /// <summary>An application that answers each request with an empty 200 and keeps the connection.</summary>
    public static RawApplication AnsweringEmpty() => new(async connection =>
    {
        while (await connection.ReadHeadAsync() is not null)
        {
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
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
                var socket = await _listener.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                connections.Add(ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new RawConnection(socket, Record, _stopping.Token);
        try
        {
            await _serve(connection);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            // The sidecar went away, which tests provoke.
        }
    }

    private void Record(ReadOnlySpan<byte> bytes)
    {
        lock (_received)
        {
            _received.Append(Encoding.Latin1.GetString(bytes));
        }
    }
}
