using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Tunnels are named apart from the HTTP listeners and carry only what makes sense in their direction.</summary>
internal sealed class TunnelRule : IConfigurationRule
{
    private const int MaxNameLength = 63;
    private const int MaxAlpnLength = 255;
    private static readonly string[] Reserved = ["Inbound", "Outbound"];

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        foreach (var (name, tunnel) in options.Tunnels)
        {
            var key = $"Sidecar:Tunnels:{name}";
            if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                // Policies name listeners: a tunnel of that name would be allowed what the HTTP listener is.
                findings.Error(key, $"{name} names a listener of the sidecar itself; choose another name");
            }
            else if (name.Length > MaxNameLength || name.All(char.IsAsciiDigit) || !name.All(IsNameCharacter))
            {
                findings.Error(key, $"{Quoted.Text(name)} must have 1 to {MaxNameLength} letters, digits, dots, dashes or underscores, not digits alone");
            }

            CheckDirection(key, tunnel, findings);
            if (tunnel.Alpn is { } alpn && (alpn.Length > MaxAlpnLength || alpn.Any(character => character is <= ' ' or > '~')))
            {
                findings.Error($"{key}:Alpn", $"must have 1 to {MaxAlpnLength} printable ASCII characters");
            }
        }
    }

    private static void CheckDirection(string key, TunnelOptions tunnel, ConfigurationFindings findings)
    {
        if (tunnel.Direction == TunnelDirection.Inbound && tunnel.PeerIdentities.Count > 0)
        {
            findings.Error($"{key}:PeerIdentities", "has no meaning inbound; say who may connect in Sidecar:Authorization:Policies");
        }

        if (tunnel.Direction == TunnelDirection.Outbound && tunnel.AcceptProxyProtocolFrom.Count > 0)
        {
            findings.Error($"{key}:AcceptProxyProtocolFrom", "is about load balancers in front of us, so it has no meaning outbound");
        }

        if (tunnel.Direction == TunnelDirection.Outbound && tunnel.ProxyProtocol != ProxyProtocol.Off)
        {
            findings.Error($"{key}:ProxyProtocol", "tells the local application about the peer, so it has no meaning outbound");
        }
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.';
}
