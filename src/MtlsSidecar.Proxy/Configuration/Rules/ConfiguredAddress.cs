namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>An address of the configuration with where it stands and what may stand there.</summary>
/// <param name="Key">Its full key.</param>
/// <param name="Address">The address.</param>
/// <param name="Schemes">The schemes that make sense there.</param>
/// <param name="MustBeLoopback">Whether it is on the cleartext side, where whoever reaches it acts as the local application.</param>
internal sealed record ConfiguredAddress(string Key, EndpointAddress Address, EndpointScheme[] Schemes, bool MustBeLoopback)
{
    private static readonly EndpointScheme[] Https = [EndpointScheme.Https];
    private static readonly EndpointScheme[] Tcp = [EndpointScheme.Tcp];
    private static readonly EndpointScheme[] Http = [EndpointScheme.Http];
    private static readonly EndpointScheme[] LocalHttp = [EndpointScheme.Http, EndpointScheme.Unix];
    private static readonly EndpointScheme[] LocalTcp = [EndpointScheme.Tcp, EndpointScheme.Unix];

    /// <summary>Every address that the sidecar listens on.</summary>
    public static IEnumerable<ConfiguredAddress> Listeners(SidecarOptions options)
        => Readable(
        [
            ("Sidecar:Inbound:Listen", options.Inbound?.Listen, Https, false),
            ("Sidecar:Outbound:Listen", options.Outbound?.Listen, LocalHttp, true),
            .. Upstreams(options).Select(upstream => ($"{upstream.Key}:Listen", upstream.Value.Listen, LocalHttp, true)),
            .. Tunnels(options).Select(tunnel => tunnel.Value.Direction == TunnelDirection.Inbound
                ? ($"{tunnel.Key}:Listen", (EndpointAddress?)tunnel.Value.Listen, Tcp, false)
                : ($"{tunnel.Key}:Listen", tunnel.Value.Listen, LocalTcp, true)),
            ("Sidecar:Admin:Listen", options.Admin.Listen, LocalHttp, true),
            ("Sidecar:Admin:Probes", options.Admin.Probes, Http, false),
        ]);

    /// <summary>Every address that the sidecar dials.</summary>
    public static IEnumerable<ConfiguredAddress> Destinations(SidecarOptions options)
        => Readable(
        [
            ("Sidecar:Inbound:Application", options.Inbound?.Application, LocalHttp, true),
            .. Upstreams(options).SelectMany(upstream => Numbered(upstream.Key, upstream.Value.Destinations, Https, false)),
            .. Tunnels(options).SelectMany(tunnel => tunnel.Value.Direction == TunnelDirection.Inbound
                ? Numbered(tunnel.Key, tunnel.Value.Destinations, LocalTcp, true)
                : Numbered(tunnel.Key, tunnel.Value.Destinations, Tcp, false)),
        ]);

    /// <summary>Upstreams with their full keys.</summary>
    public static IEnumerable<KeyValuePair<string, UpstreamOptions>> Upstreams(SidecarOptions options)
        => options.Outbound?.Upstreams.Select(upstream => KeyValuePair.Create($"Sidecar:Outbound:Upstreams:{upstream.Key}", upstream.Value)) ?? [];

    /// <summary>Tunnels with their full keys.</summary>
    public static IEnumerable<KeyValuePair<string, TunnelOptions>> Tunnels(SidecarOptions options)
        => options.Tunnels.Select(tunnel => KeyValuePair.Create($"Sidecar:Tunnels:{tunnel.Key}", tunnel.Value));

    private static IEnumerable<(string Key, EndpointAddress? Address, EndpointScheme[] Schemes, bool MustBeLoopback)> Numbered(
        string key,
        List<EndpointAddress>? addresses,
        EndpointScheme[] schemes,
        bool mustBeLoopback)
        => addresses?.Select((address, index) => ($"{key}:Destinations:{index}", (EndpointAddress?)address, schemes, mustBeLoopback)) ?? [];

    private static IEnumerable<ConfiguredAddress> Readable(
        IEnumerable<(string Key, EndpointAddress? Address, EndpointScheme[] Schemes, bool MustBeLoopback)> addresses)
        => addresses.Where(entry => entry.Address is not null)
            .Select(entry => new ConfiguredAddress(entry.Key, entry.Address!, entry.Schemes, entry.MustBeLoopback));
}
