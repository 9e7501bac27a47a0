using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Tunnels.Relaying;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>What all tunnels share.</summary>
/// <param name="Account">Tells the operator.</param>
/// <param name="Registry">The open mutual TLS connections.</param>
/// <param name="Authorization">Asks the policies in force.</param>
/// <param name="Applications">Dials local applications.</param>
/// <param name="Peers">Dials peers.</param>
/// <param name="TimeProvider">The clock.</param>
internal sealed record TunnelParts(
    TunnelAccount Account,
    ConnectionRegistry Registry,
    AuthorizationEnforcement Authorization,
    ApplicationDialer Applications,
    DestinationDialer Peers,
    TimeProvider TimeProvider)
{
    private static readonly TimeSpan DismissalTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Closes a connection that leads nowhere: an orderly end, for nothing was carried that could be taken for a part of something.</summary>
    public static async Task DismissAsync(TunnelConnection connection, TunnelSide side, TunnelEndReason reason)
    {
        connection.Conclude(reason);
        await side.DismissAsync(DismissalTimeout);
    }
}
