namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>
/// What is dialled is the application or a peer. One of our own listeners is legal where it leads on (a tunnel that peers may use into one of
/// our own tunnels to another peer), and worth a warning; it is an error where it leads back, or to what is not for peers.
/// </summary>
internal sealed class OwnListenerRule : IConfigurationRule
{
    private const string Application = "Sidecar:Inbound:Application";
    private const string Admin = "Sidecar:Admin:Listen";

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var listeners = ConfiguredAddress.Listeners(options).ToArray();
        var steps = ConfiguredAddress.Destinations(options)
            .Select(destination => (Destination: destination, Own: Array.Find(listeners, listener => SamePlace(listener.Address, destination.Address))))
            .Where(step => step.Own is not null)
            .Select(step => (step.Destination, Own: step.Own!))
            .ToArray();
        foreach (var (destination, own) in steps)
        {
            var problem = $"{destination.Address} is the sidecar's own listener {own.Key}";
            if (LeadsTo(own.Key, destination.Key, steps, []))
            {
                // Every connection would come back to the sidecar until connections or memory run out.
                findings.Error(destination.Key, problem);
            }
            else if (destination.Key == Application)
            {
                // The path of a request would decide what of the sidecar's own a peer reaches, and as whom.
                findings.Error(destination.Key, $"{problem}, not the local application");
            }
            else if (own.Key == Admin)
            {
                // It is bound to loopback so that peers can't reload, drain and read.
                findings.Error(destination.Key, $"{problem}: whoever may connect could reload and drain the sidecar");
            }
            else
            {
                findings.Warn(destination.Key, $"{problem}: whoever may connect goes where that leads, as this workload");
            }
        }
    }

    /// <summary>Whether what comes in at a listener can come to be sent to a destination. Each listener is followed once, so that other circles end.</summary>
    private static bool LeadsTo(string listener, string destination, (ConfiguredAddress Destination, ConfiguredAddress Own)[] steps, HashSet<string> seen)
        => seen.Add(listener)
        && (IsServedBy(destination, listener)
            || steps.Any(step => IsServedBy(step.Destination.Key, listener) && LeadsTo(step.Own.Key, destination, steps, seen)));

    /// <summary>Whether connections of a listener may be sent to a destination.</summary>
    private static bool IsServedBy(string destination, string listener) => listener switch
    {
        "Sidecar:Inbound:Listen" => destination == Application,

        // Any upstream can be named there, whether or not it has a listener of its own.
        "Sidecar:Outbound:Listen" => destination.StartsWith("Sidecar:Outbound:Upstreams:", StringComparison.Ordinal),
        _ => destination.StartsWith(listener[..listener.LastIndexOf(':')] + ":Destinations:", StringComparison.Ordinal),
    };

    private static bool SamePlace(EndpointAddress listener, EndpointAddress destination)
        => listener.Scheme == EndpointScheme.Unix || destination.Scheme == EndpointScheme.Unix
            ? listener.UnixPath is not null && listener.UnixPath == destination.UnixPath
            : listener.Port == destination.Port && destination.IsLoopback && (BindsHost(listener, destination) || listener.IsAny);

    private static bool BindsHost(EndpointAddress listener, EndpointAddress destination)
        => listener.Host == destination.Host
        || (destination.Host == "localhost" && listener.IsLoopback)
        || (listener.Host == "localhost" && destination.IsOfLocalhost);
}
