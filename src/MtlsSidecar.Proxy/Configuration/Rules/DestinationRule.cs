namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>What is dialled can be dialled, with a scheme that fits, and once each.</summary>
internal sealed class DestinationRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var seen = new HashSet<(string Owner, EndpointAddress Address)>();
        foreach (var destination in ConfiguredAddress.Destinations(options))
        {
            var (key, address, schemes, _) = destination;
            if (!schemes.Contains(address.Scheme))
            {
                findings.Error(key, $"{address} must be {SchemeNames.List(schemes)}");
            }
            else if (address.Scheme != EndpointScheme.Unix && (address.Port == 0 || address.IsAny))
            {
                findings.Error(key, $"{address} can't be dialled: it needs a host and a port other than 0");
            }
            else if (!seen.Add((key[..key.LastIndexOf(':')], address)))
            {
                findings.Error(key, $"{address} is listed twice");
            }
        }
    }
}
