using System.Net;
using Microsoft.AspNetCore.Connections;
using MtlsSidecar.Proxy.ProxyHeaders;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The outermost stage of an inbound HTTP connection: keeps its account from accept to end, and takes off the PROXY header of a load balancer.
/// </summary>
internal sealed class HandshakeObserver(HandshakeLedger ledger, IReadOnlyList<IPNetwork> loadBalancers, TimeSpan headerTimeout)
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
            if (!ProxyHeaderReception.IsExpected(loadBalancers, connection.RemoteEndPoint) || await TryTakeHeaderAsync(connection, handshake))
            {
                await next(connection);
            }
        }
        finally
        {
            ledger.End(handshake, connection.RemoteEndPoint?.ToString());
        }
    }

    private async Task<bool> TryTakeHeaderAsync(ConnectionContext connection, PendingHandshake handshake)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        deadline.CancelAfter(headerTimeout);
        try
        {
            var header = await ProxyHeaderReception.ReadAsync(connection.Transport.Input, deadline.Token);
            connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
            return true;
        }
        catch (ProxyHeaderException exception)
        {
            ledger.RefuseProxyHeader(handshake, connection.RemoteEndPoint?.ToString(), exception.Message);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            // Too slow or gone; the ledger says which.
        }

        connection.Abort(new ConnectionAbortedException("the PROXY header was refused"));
        return false;
    }
}
