using System.Net;
using System.Net.Sockets;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>A local application below any protocol: the test takes each of its connections and does with it what it likes.</summary>
public sealed class TcpApplication : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _stopping = new();
    private Task _serving = Task.CompletedTask;
    private int _accepted;

    /// <summary>Listens on a loopback port of the system's choice, or on a Unix socket.</summary>
    public TcpApplication(string? unixPath = null)
    {
        _listener = unixPath is null
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(unixPath is null ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(unixPath));
        _listener.Listen(4096);
        Address = unixPath is null ? $"tcp://127.0.0.1:{Port}" : $"unix://{unixPath}";
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>The address as a tunnel's destination.</summary>
    public string Address { get; }

    /// <summary>How many connections it has taken.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>An application that sends back whatever it gets, until its client has ended.</summary>
    public static TcpApplication Echo(string? unixPath = null)
    {
        var application = new TcpApplication(unixPath);
        application.Serve(EchoAsync);
        return application;
    }

    /// <summary>Serves all connections from now on.</summary>
    public void Serve(Func<Socket, Task> serve) => _serving = ServeAsync(serve);

    /// <summary>Whether nobody waits to be accepted, and nobody was: the application has never been reached.</summary>
    public bool IsUntouched => Accepted == 0 && !_listener.Poll(0, SelectMode.SelectRead);

    /// <summary>Takes the next connection.</summary>
    public async Task<WireConnection> AcceptAsync()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        deadline.CancelAfter(Eventually.DefaultTimeout);
        var socket = await _listener.AcceptAsync(deadline.Token);
        Interlocked.Increment(ref _accepted);
        return WireConnection.Of(socket);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _serving;
        _stopping.Dispose();
    }

    private static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) is > 0 and var count)
        {
            await socket.SendAsync(buffer.AsMemory(0, count));
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private async Task ServeAsync(Func<Socket, Task> serve)
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                _ = ServeOneAsync(socket, serve);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task ServeOneAsync(Socket socket, Func<Socket, Task> serve)
    {
        using (socket)
        {
            try
            {
                await serve(socket);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // The sidecar went away, which tests provoke.
            }
        }
    }
}
