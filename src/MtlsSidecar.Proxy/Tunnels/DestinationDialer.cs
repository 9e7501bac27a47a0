using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Tunnels.Relaying;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// Connects the local application to a peer, at the first destination that can be reached and shows an expected identity. Fails closed: no
/// byte goes to a peer that was not validated and registered.
/// </summary>
internal sealed class DestinationDialer(PeerDialer dialer, ConnectionRegistry registry, TunnelAccount account, TimeProvider timeProvider)
{
    /// <summary>Dials.</summary>
    /// <returns>The peer's side; null when no destination would do, which has been logged.</returns>
    /// <exception cref="OperationCanceledException">The connection was cut meanwhile.</exception>
    public async Task<TlsSide?> DialAsync(Tunnel tunnel, TunnelConnection connection)
    {
        var failures = new List<string>();
        foreach (var destination in tunnel.Health.Order(tunnel.Options.Destinations, timeProvider.GetUtcNow()))
        {
            using var deadline = new CancellationTokenSource(tunnel.Options.ConnectTimeout, timeProvider);
            try
            {
                var side = await ConnectAsync(tunnel, connection, destination, deadline.Token);
                tunnel.Health.Succeeded(destination);
                return side;
            }
            catch (PeerLimitException exception)
            {
                // Our own limit: the destination is as well as ever, and others mustn't get what it is meant to keep off.
                account.TooManyConnections(tunnel, exception);
                return null;
            }
            catch (Exception exception) when (IsOfTheDestination(exception, deadline.Token))
            {
                var detail = Describe(exception);
                tunnel.Health.Failed(destination, timeProvider.GetUtcNow());
                account.DestinationFailed(tunnel, destination.ToString(), detail);
                failures.Add($"{destination}: {detail}");
            }
        }

        account.Failed(tunnel, connection, string.Join("; ", failures));
        return null;
    }

    private async Task<TlsSide> ConnectAsync(Tunnel tunnel, TunnelConnection connection, EndpointAddress destination, CancellationToken deadline)
    {
        var socket = await TunnelSockets.ConnectAsync(destination, deadline);
        SslStream? tls = null;
        LiveConnection? live = null;
        try
        {
            tls = new SslStream(new NetworkStream(socket, ownsSocket: false));
            var options = dialer.CreateTlsOptions(destination.Host) ?? throw new AuthenticationException("there is no own certificate yet");
            options.ApplicationProtocols = Alpn.Of(tunnel.Options) is { Count: > 0 } protocols ? [.. protocols] : null;
            await dialer.HandshakeAsync(tls, options, deadline);

            var dialled = new DialledPeer(
                tunnel.Name, DestinationPool.RemoteOf(destination), () => PeerDialer.Expect(tunnel.Options.PeerIdentities, destination.Host))
            {
                IsTunnel = true,
                MaxConnections = tunnel.Options.MaxConnectionsPerPeer,
            };
            live = await dialer.RegisterAsync(tls, dialled, (Cut, Cut), deadline);
            connection.Join(socket);
            (connection.Live, connection.Destination) = (live, destination);
            return new TlsSide(socket, tls);
        }
        catch
        {
            // Cut between registration and here: the next destination's connection takes its place, and this one would stay registered for ever.
            if (live is not null)
            {
                registry.Remove(live);
            }

            SocketSettings.Close(socket, abortive: true);
            tls?.Dispose();
            throw;
        }

        void Cut() => connection.Cut(TunnelEndReason.PeerNoLongerAccepted);
    }

    private static bool IsOfTheDestination(Exception exception, CancellationToken deadline)
        => exception is SocketException or IOException or AuthenticationException
        || (exception is OperationCanceledException && deadline.IsCancellationRequested);

    private static string Describe(Exception exception) => exception switch
    {
        PeerRefusedException refused => refused.Rejection.Reason.ToString(),
        SocketException socket => socket.SocketErrorCode.ToString(),
        OperationCanceledException => "no answer in time",
        _ => exception.Message,
    };
}
