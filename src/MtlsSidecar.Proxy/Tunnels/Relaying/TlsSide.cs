using System.Net.Security;
using System.Net.Sockets;

namespace MtlsSidecar.Proxy.Tunnels.Relaying;

/// <summary>The peer's side: TLS, whose <c>close_notify</c> alert ends one direction (RFC 8446 §6.1) as FIN does in the clear.</summary>
internal sealed class TlsSide : TunnelSide
{
    private readonly SslStream _tls;

    /// <param name="socket">The connection.</param>
    /// <param name="tls">TLS on it, the handshake finished.</param>
    public TlsSide(Socket socket, SslStream tls)
        : base(socket)
    {
        _tls = tls;
        TlsRecordBuffers.ReleaseWhileEmpty(tls);
    }

    /// <inheritdoc/>
    public override ValueTask<int> WaitAsync() => _tls.ReadAsync(Memory<byte>.Empty);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer) => _tls.ReadAsync(buffer);

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer) => _tls.WriteAsync(buffer);

    /// <inheritdoc/>
    public override async ValueTask EndAsync()
    {
        // The alert is what counts; FIN follows for those that look at TCP only.
        await _tls.ShutdownAsync();
        Socket.Shutdown(SocketShutdown.Send);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _tls.Dispose();
    }
}
