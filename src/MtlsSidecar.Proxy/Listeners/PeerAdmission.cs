using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>The stage right after the TLS handshake of an HTTP connection: passes the peer through the <see cref="PeerGate"/> or aborts.</summary>
internal sealed class PeerAdmission(SidecarListener listener, PeerGate gate, ConnectionRegistry registry, TimeProvider timeProvider)
{
    /// <summary>Runs the stage.</summary>
    public async Task OnConnectionAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var remote = connection.RemoteEndPoint?.ToString();
        var live = connection.Features.Get<PendingHandshake>() is { } handshake
            ? await gate.AdmitAsync(handshake, remote, Connect, connection.ConnectionClosed)
            : null;
        if (live is null)
        {
            connection.Abort(new ConnectionAbortedException("the peer was refused"));
            return;
        }

        connection.Features.Set(live);
        try
        {
            await next(connection);
        }
        finally
        {
            registry.Remove(live);
        }

        LiveConnection Connect(ValidatedPeer peer) => new(
            ConnectionDirection.Inbound, listener.Name, remote, (peer, PeerExpectation.AnyClient), (() => RequestClose(connection), () => connection.Abort()))
        {
            OpenedAt = timeProvider.GetUtcNow(),
            Own = connection.Features.Get<PendingHandshake>()?.Own,
            IsMultiplexed = connection.Features.Get<ITlsApplicationProtocolFeature>()?.ApplicationProtocol.Span.SequenceEqual("h2"u8) ?? false,
        };
    }

    /// <summary>Kestrel sends GOAWAY on HTTP/2 and <c>Connection: close</c> with the answer in flight on HTTP/1.1.</summary>
    private static void RequestClose(ConnectionContext connection)
        => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
}
