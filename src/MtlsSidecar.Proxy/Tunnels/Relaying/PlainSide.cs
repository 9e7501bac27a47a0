using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>The local application's side: TCP on loopback or a Unix socket.</summary>
internal sealed class PlainSide(Socket socket) : TunnelSide(socket)
{
    /// <inheritdoc/>
    public override ValueTask<int> WaitAsync() => Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer) => Socket.ReceiveAsync(buffer, SocketFlags.None);

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            buffer = buffer[await Socket.SendAsync(buffer, SocketFlags.None)..];
        }
    }

    /// <inheritdoc/>
    public override ValueTask EndAsync()
    {
        Socket.Shutdown(SocketShutdown.Send);
        return ValueTask.CompletedTask;
    }
}
