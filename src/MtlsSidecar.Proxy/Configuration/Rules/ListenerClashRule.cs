namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>No two listeners want the same address; which pipeline a connection gets is decided by the listener alone.</summary>
internal sealed class ListenerClashRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var earlier = new List<ConfiguredAddress>();
        foreach (var listener in ConfiguredAddress.Listeners(options))
        {
            if (earlier.Find(other => Clash(other.Address, listener.Address)) is { } taken)
            {
                findings.Error(listener.Key, $"{listener.Address} is taken by {taken.Key}");
            }

            earlier.Add(listener);
        }
    }

    private static bool Clash(EndpointAddress left, EndpointAddress right)
        => left.Scheme == EndpointScheme.Unix || right.Scheme == EndpointScheme.Unix
            ? left.UnixPath is not null && left.UnixPath == right.UnixPath
            : left.Port != 0 && left.Port == right.Port && (BindsSameHost(left, right) || left.IsAny || right.IsAny);

    private static bool BindsSameHost(EndpointAddress left, EndpointAddress right)
        => left.Host == right.Host
        || (left.Host == "localhost" && right.IsOfLocalhost)
        || (right.Host == "localhost" && left.IsOfLocalhost);
}
