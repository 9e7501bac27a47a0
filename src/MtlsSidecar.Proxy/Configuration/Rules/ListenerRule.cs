namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Listeners have a scheme that fits and a host that can be bound as meant.</summary>
internal sealed class ListenerRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        foreach (var (key, address, schemes, _) in ConfiguredAddress.Listeners(options))
        {
            if (!schemes.Contains(address.Scheme))
            {
                findings.Error(key, $"{address} must be {SchemeNames.List(schemes)}");
            }
            else if (address.Scheme != EndpointScheme.Unix && address.Address is null && address.Host != "localhost")
            {
                // Kestrel binds every interface for a host name, which is more than its reader expects.
                findings.Error(key, $"{address} must name an IP address or localhost; a listener can't be bound to a DNS name");
            }
            else if (address.Host == "localhost" && address.Port == 0)
            {
                // It stands for two addresses, which would get two ports; Kestrel refuses it only when it starts.
                findings.Error(key, $"{address} must name 127.0.0.1 or [::1] when the system is to choose the port");
            }
        }
    }
}
