using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.ProxyHeaders;
using MtlsSidecar.Proxy.Tunnels.Relaying;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// The path of an inbound tunnel's connection: PROXY header, if one is due → TLS → gate → authorization → local application → bytes. Each stage can only refuse, and the
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
        _gate = stages.Gate(listener, () => InboundLimits.Of(tunnel.Options), _ledger);
    }

    /// <summary>Serves one connection to its end. Never throws.</summary>
    public async Task ServeAsync(Socket socket)
    {
        var remote = socket.RemoteEndPoint;
        var isLoadBalancer = ProxyHeaderReception.IsExpected(_tunnel.Options.AcceptProxyProtocolFrom, remote);
        if (!_ledger.TryBegin(remote, isLoadBalancer, () => SocketSettings.Close(socket, abortive: true), out var handshake))
        {
            SocketSettings.Close(socket, abortive: true);
            return;
        }

        using var connection = new TunnelConnection(socket, remote, _parts.TimeProvider);
        _parts.Account.BeginHandshake();
        try
        {
            SocketSettings.Apply(socket);
            await ServeAsync(connection, socket, isLoadBalancer, handshake);
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
            _ledger.End(handshake, connection.Remote?.ToString());
            _parts.Account.EndHandshake();
        }
    }

    private static bool IsOfTheNetwork(Exception exception)
        => exception is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException or CryptographicException;

    private async Task ServeAsync(TunnelConnection connection, Socket socket, bool isLoadBalancer, PendingHandshake handshake)
    {
        // 1. A load balancer's word on whose connection this is, and TLS, under the handshake's deadline.
        using var tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
        using (var deadline = new CancellationTokenSource(_tunnel.Options.HandshakeTimeout, _parts.TimeProvider))
        {
            if (isLoadBalancer)
            {
                await TakeProxyHeaderAsync(connection, socket, handshake, deadline.Token);
            }

            await tls.AuthenticateAsServerAsync(_stages.Tls(Alpn.Of(_tunnel.Options)).CreateOptions(handshake), deadline.Token);
        }

        // 2. The peer. Cut at once when it is no longer acceptable: a tunnel knows no polite word for it.
        var live = await _gate.AdmitAsync(handshake, connection.Remote?.ToString(), Connect, CancellationToken.None);
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
            _parts.Registry.Remove(live);
            _parts.Account.End(_tunnel, connection);
        }

        LiveConnection Connect(ValidatedPeer peer) => new(
            ConnectionDirection.Inbound, _tunnel.Name, connection.Remote?.ToString(), (peer, PeerExpectation.AnyClient), (Cut, Cut))
        {
            OpenedAt = _parts.TimeProvider.GetUtcNow(),
            IsTunnel = true,
        };

        void Cut() => connection.Cut(TunnelEndReason.PeerNoLongerAccepted);
    }

    /// <summary>Tells the application who is calling, before the first byte of the peer's.</summary>
    private async Task<bool> TryIntroduceAsync(TunnelConnection connection, PlainSide application, SslStream tls, EndPoint? local)
    {
        var protocol = _tunnel.Options.ProxyProtocol;
        if (protocol == ProxyProtocol.Off)
        {
            return true;
        }

        if (connection is not { Remote: IPEndPoint remote, Live: { } live } || local is not IPEndPoint destination)
        {
            throw new InvalidOperationException("A peer's connection has IP addresses at both ends.");
        }

        var facts = protocol == ProxyProtocol.V2Tls ? PeerFacts.Of(tls, live.Peer) : null;
        try
        {
            await application.WriteAsync(ProxyHeaderWriter.Write(remote, destination, facts));
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException)
        {
            connection.Cut(TunnelEndReason.ResetByApplication);
            return false;
        }
    }

    private async Task TakeProxyHeaderAsync(TunnelConnection connection, Socket socket, PendingHandshake handshake, CancellationToken deadline)
    {
        try
        {
            var header = await ProxyHeaderReception.ReadAsync(socket, deadline);
            connection.Remote = header.Source ?? connection.Remote;
            _ledger.Name(handshake, header.Source);
        }
        catch (ProxyHeaderException exception)
        {
            _ledger.RefuseProxyHeader(handshake, connection.Remote?.ToString(), exception.Message);
            throw;
        }
    }

    private async Task CarryAsync(TunnelConnection connection, LiveConnection live, Socket socket, SslStream tls)
    {
        using var peer = new TlsSide(socket, tls);
        var request = new AuthorizationRequest(live.Peer.Identity, _tunnel.Name, method: null, target: null);
        var entry = live.Requests.Add(request, () => connection.Cut(TunnelEndReason.Denied));
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
            if (!await TryIntroduceAsync(connection, application, tls, socket.LocalEndPoint))
            {
                return;
            }

            await new DuplexCopier(peer, application, connection.Traffic, connection.Cut).RunAsync();
        }
        finally
        {
            live.Requests.Remove(entry);
        }
    }
}
