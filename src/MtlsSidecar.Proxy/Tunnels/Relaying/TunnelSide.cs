using System.Net.Sockets;

namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>
/// One side of a tunnel: the peer's over TLS, or the local application's in the clear. Each direction ends on its own. Breaking a side is
/// its socket's business (<see cref="TunnelConnection.Cut"/>): pending reads and writes then fail.
/// </summary>
internal abstract class TunnelSide(Socket socket) : IDisposable
{
    /// <summary>Whether the other end has said that it will send no more.</summary>
    public bool HasEnded { get; set; }

    /// <summary>The connection.</summary>
    protected Socket Socket { get; } = socket;

    /// <summary>Waits, holding no buffer, until there is something to read, an end or an error.</summary>
    public abstract ValueTask<int> WaitAsync();

    /// <summary>Reads what is there; 0 at the end.</summary>
    public abstract ValueTask<int> ReadAsync(Memory<byte> buffer);

    /// <summary>Sends; completes when the other end's window has taken it all, which is the back-pressure.</summary>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> buffer);

    /// <summary>Says that no more will be sent. What was sent before is still delivered, and reading goes on.</summary>
    public abstract ValueTask EndAsync();

    /// <summary>
    /// Ends a connection that was never joined to another side, without breaking it: says so, then throws away what the other end still sends
    /// for a moment, because closing with unread bytes would turn the end into a reset.
    /// </summary>
    public async Task DismissAsync(TimeSpan atMost)
    {
        using var deadline = new CancellationTokenSource(atMost);
        try
        {
            await EndAsync().AsTask().WaitAsync(deadline.Token);
            var discarded = new byte[4096];
            while (await Socket.ReceiveAsync(discarded, SocketFlags.None, deadline.Token) > 0)
            {
                // Until the other end closes as well.
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // Gone, or too slow to be waited for.
        }
    }

    /// <inheritdoc/>
    public virtual void Dispose() => Socket.Dispose();
}
