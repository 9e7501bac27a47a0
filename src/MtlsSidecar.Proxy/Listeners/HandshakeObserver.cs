using Microsoft.AspNetCore.Connections;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>The outermost stage of an inbound HTTP connection: keeps its account from accept to end.</summary>
internal sealed class HandshakeObserver(HandshakeLedger ledger)
{
    /// <summary>Runs the stage.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (!ledger.TryBegin(connection.RemoteEndPoint?.ToString(), out var handshake))
        {
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }

        connection.Features.Set(handshake);
        try
        {
            await next(connection);
        }
        finally
        {
            ledger.End(handshake, connection.RemoteEndPoint?.ToString());
        }
    }
}
