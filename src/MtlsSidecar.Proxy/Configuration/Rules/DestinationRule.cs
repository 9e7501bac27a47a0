using System.Net;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>What is dialled can be dialled, with a scheme that fits, once each, and never one of our own listeners.</summary>
internal sealed class DestinationRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var listeners = ConfiguredAddress.Listeners(options).ToArray();
        var seen = new HashSet<(string Owner, EndpointAddress Address)>();
        foreach (var destination in ConfiguredAddress.Destinations(options))
        {
            var (key, address, schemes, _) = destination;
            if (!schemes.Contains(address.Scheme))
            {
                findings.Error(key, $"{address} must be {SchemeNames.List(schemes)}");
            }
            else if (address.Scheme != EndpointScheme.Unix && (address.Port == 0 || IsAny(address)))
            {
                findings.Error(key, $"{address} can't be dialled: it needs a host and a port other than 0");
            }
            else if (!seen.Add((key[..key.LastIndexOf(':')], address)))
            {
                findings.Error(key, $"{address} is listed twice");
            }
            else if (Array.Find(listeners, listener => SamePlace(listener.Address, address)) is { } own)
            {
                // Every request would come back to the sidecar until connections or memory run out.
                findings.Error(key, $"{address} is the sidecar's own listener {own.Key}");
            }
        }
    }

    private static bool IsAny(EndpointAddress address)
        => IPAddress.Any.Equals(address.Address) || IPAddress.IPv6Any.Equals(address.Address);

    private static bool SamePlace(EndpointAddress listener, EndpointAddress destination)
        => listener.Scheme == EndpointScheme.Unix || destination.Scheme == EndpointScheme.Unix
            ? listener.UnixPath is not null && listener.UnixPath == destination.UnixPath
            : listener.Port == destination.Port && destination.IsLoopback && (listener.Host == destination.Host || IsAny(listener));
}
