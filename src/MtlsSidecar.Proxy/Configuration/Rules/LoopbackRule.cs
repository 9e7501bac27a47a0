namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>
/// The cleartext side stays on this machine: whoever reaches it acts as the local application, or is handed its traffic.
/// </summary>
internal sealed class LoopbackRule : IConfigurationRule
{
    private const string Switch = "Sidecar:Unsafe:AllowNonLoopback";

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        var exposed = ConfiguredAddress.Listeners(options).Concat(ConfiguredAddress.Destinations(options))
            .Where(entry => entry.MustBeLoopback && !entry.Address.IsLoopback)
            .ToArray();
        if (options.Unsafe.AllowNonLoopback)
        {
            var found = exposed.Length == 0 ? "nothing needs it" : string.Join(", ", exposed.Select(entry => $"{entry.Key} = {entry.Address}"));
            findings.Warn(Switch, $"is on: cleartext may leave this machine and whoever reaches it acts as the application ({found})");
            return;
        }

        foreach (var (key, address, _, _) in exposed)
        {
            findings.Error(key, $"{address} must be loopback (127.0.0.0/8, ::1, localhost) or a Unix socket; {Switch}: true lifts the rule");
        }
    }
}
