using System.Net;
using Microsoft.AspNetCore.Connections;
using MtlsSidecar.Proxy.ProxyHeaders;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// The outermost stage of an inbound HTTP connection: keeps its account from accept to end, and takes off the PROXY header of a load balancer.
/// </summary>
internal sealed class HandshakeObserver(HandshakeLedger ledger, IReadOnlyList<IPNetwork> loadBalancers, TimeSpan handshakeTimeout, TimeProvider timeProvider)
{
    /// <summary>Runs the stage.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var isLoadBalancer = ProxyHeaderReception.IsExpected(loadBalancers, connection.RemoteEndPoint);
        if (!ledger.TryBegin(connection.RemoteEndPoint, isLoadBalancer, Drop, out var handshake))
        {
            connection.Abort(new ConnectionAbortedException("too many connections"));
            return;
        }

        connection.Features.Set(handshake);
        try
        {
            if (isLoadBalancer)
            {
                await RunBehindLoadBalancerAsync(connection, handshake, next);
            }
            else
            {
                await next(connection);
            }
        }
        finally
        {
            ledger.End(handshake, connection.RemoteEndPoint?.ToString());
        }

        void Drop() => connection.Abort(new ConnectionAbortedException("newer handshakes need the room"));
    }

    /// <summary>One deadline over header and TLS: Kestrel's own clock starts with TLS only, and who dribbles a header would get its time twice.</summary>
    private async Task RunBehindLoadBalancerAsync(ConnectionContext connection, PendingHandshake handshake, ConnectionDelegate next)
    {
        using var deadline = new CancellationTokenSource(handshakeTimeout, timeProvider);
        if (await TryTakeHeaderAsync(connection, handshake, deadline.Token))
        {
            using var cut = deadline.Token.UnsafeRegister(_ => AbortInsideTls(), null);
            await next(connection);
        }

        // Once the certificate has come, the gate watches over the same deadline.
        void AbortInsideTls()
        {
            if (!handshake.HasPresented)
            {
                connection.Abort(new ConnectionAbortedException("the TLS handshake was not finished in time"));
            }
        }
    }

    private async Task<bool> TryTakeHeaderAsync(ConnectionContext connection, PendingHandshake handshake, CancellationToken deadline)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, deadline);
        try
        {
            var header = await ProxyHeaderReception.ReadAsync(connection.Transport.Input, end.Token);
            connection.RemoteEndPoint = header.Source ?? connection.RemoteEndPoint;
            ledger.Name(handshake, header.Source);
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
