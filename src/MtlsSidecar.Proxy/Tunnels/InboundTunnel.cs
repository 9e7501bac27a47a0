using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Tunnels.Relaying;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// The path of an inbound tunnel's connection: TLS → gate → authorization → local application → bytes. Each stage can only refuse, and the
/// application is dialled by way of a <see cref="Permit"/> alone. Nothing is read ahead, so whoever speaks first in the protocol can.
/// </summary>
internal sealed class InboundTunnel
{
    private readonly Tunnel _tunnel;
    private readonly InboundStages _stages;
    private readonly HandshakeLedger _ledger;
    private readonly PeerGate _gate;
    private readonly TunnelParts _parts;

    /// <param name="tunnel">The tunnel.</param>
    /// <param name="listener">Its listener.</param>
    /// <param name="stages">What every inbound mutual TLS connection goes through.</param>
    /// <param name="parts">What all tunnels share.</param>
    public InboundTunnel(Tunnel tunnel, SidecarListener listener, InboundStages stages, TunnelParts parts)
    {
        (_tunnel, _stages, _parts) = (tunnel, stages, parts);
        _ledger = stages.Ledger(listener, () => InboundLimits.Of(tunnel.Options));
        _gate = stages.Gate(listener, () => InboundLimits.Of(tunnel.Options));
    }

    /// <summary>Serves one connection to its end. Never throws.</summary>
    public async Task ServeAsync(Socket socket)
    {
        var remote = socket.RemoteEndPoint?.ToString();
        if (!_ledger.TryBegin(remote, out var handshake))
        {
            SocketSettings.Close(socket, abortive: true);
            return;
        }

        using var connection = new TunnelConnection(socket, remote, _parts.TimeProvider);
        try
        {
            SocketSettings.Apply(socket);
            await ServeAsync(connection, socket, handshake);
        }
        catch (Exception exception) when (IsOfTheNetwork(exception))
        {
            // The handshake failed or the peer was gone; the ledger says which. Whatever is left is broken, never orderly closed.
            SocketSettings.Close(socket, abortive: true);
        }
        catch (Exception exception)
        {
            _parts.Account.Defect(_tunnel, exception);
            connection.Cut(TunnelEndReason.Defect);
        }
        finally
        {
            _ledger.End(handshake, connection.Remote);
        }
    }

    private static bool IsOfTheNetwork(Exception exception)
        => exception is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException or CryptographicException;

    private async Task ServeAsync(TunnelConnection connection, Socket socket, PendingHandshake handshake)
    {
        // 1. TLS, under the handshake's deadline.
        using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        using (var deadline = new CancellationTokenSource(_tunnel.Options.HandshakeTimeout))
        {
            await tls.AuthenticateAsServerAsync(_stages.Tls(Alpn.Of(_tunnel.Options)).CreateOptions(handshake), deadline.Token);
        }

        // 2. The peer. Cut at once when it is no longer acceptable: a tunnel knows no polite word for it.
        var live = await _gate.AdmitAsync(handshake, connection.Remote, Connect, CancellationToken.None);
        if (live is null)
        {
            SocketSettings.Close(socket, abortive: true);
            return;
        }

        connection.Live = live;
        _parts.Account.Begin(_tunnel, connection);
        try
        {
            await CarryAsync(connection, live, socket, tls);
        }
        finally
        {
            _parts.Account.End(_tunnel, connection);
            _parts.Registry.Remove(live);
        }

        LiveConnection Connect(ValidatedPeer peer) => new(
            ConnectionDirection.Inbound, _tunnel.Name, connection.Remote, (peer, PeerExpectation.AnyClient), (Cut, Cut))
        {
            OpenedAt = _parts.TimeProvider.GetUtcNow(),
            IsTunnel = true,
        };

        void Cut() => connection.Cut(TunnelEndReason.PeerNoLongerAccepted);
    }

    private async Task CarryAsync(TunnelConnection connection, LiveConnection live, Socket socket, SslStream tls)
    {
        using var peer = new TlsSide(socket, tls);
        var request = new AuthorizationRequest(live.Peer.Identity, _tunnel.Name, method: null, target: null);
        live.Requests.Add(request, () => connection.Cut(TunnelEndReason.Denied));
        try
        {
            // 3. May this peer come here?
            if (_parts.Authorization.Authorize(request) is not { } permit)
            {
                await TunnelParts.DismissAsync(connection, peer, TunnelEndReason.Denied);
                return;
            }

            // 4. The local application.
            if (await _parts.Applications.DialAsync(_tunnel, connection, permit) is not { } dialled)
            {
                await TunnelParts.DismissAsync(connection, peer, TunnelEndReason.ApplicationUnreachable);
                return;
            }

            // 5. Bytes, until both sides have ended.
            using var application = new PlainSide(dialled);
            await new DuplexCopier(peer, application, connection.Traffic, connection.Cut).RunAsync();
        }
        finally
        {
            live.Requests.Remove(request);
        }
    }
}
