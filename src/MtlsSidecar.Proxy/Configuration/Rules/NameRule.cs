namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>The sidecar's name is printable, and something is configured for it to do.</summary>
internal sealed class NameRule : IConfigurationRule
{
    private const int MaxLength = 253;

    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        if (options.Name.Length is 0 or > MaxLength || options.Name.Any(char.IsControl))
        {
            findings.Error("Sidecar:Name", $"must have 1 to {MaxLength} printable characters");
        }

        if (options.Inbound is null && options.Outbound is null && options.Tunnels.Count == 0)
        {
            findings.Warn("Sidecar", "neither Inbound nor Outbound nor Tunnels is given: nothing will be proxied");
        }
    }
}
