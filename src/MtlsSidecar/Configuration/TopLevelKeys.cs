using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Configuration;

/// <summary>
/// Knows the top level of a settings file. Sections of other .NET programs are passed over, so that a shared file works, but a misspelt
/// <c>Sidecar</c> is an error like any other misspelt key.
/// </summary>
internal static class TopLevelKeys
{
    private static readonly string[] Ours = ["Sidecar", "Serilog"];
    private static readonly string[] PassedOver = ["$schema", "Logging", "AllowedHosts", "ConnectionStrings"];

    /// <summary>In other programs these open listeners or forward requests; here they must not, and their author should hear of it.</summary>
    private static readonly string[] WithoutEffect = ["Kestrel", "Urls", "Http_Ports", "Https_Ports", "ReverseProxy"];

    public static void Check(IConfiguration settings, List<ConfigurationError> errors, List<ConfigurationWarning> warnings)
    {
        foreach (var section in settings.GetChildren())
        {
            if (WithoutEffect.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
            {
                warnings.Add(new ConfigurationWarning(section.Key, "has no effect; only keys of Sidecar open listeners and forward requests"));
            }
            else if (!Ours.Concat(PassedOver).Contains(section.Key, StringComparer.OrdinalIgnoreCase))
            {
                errors.Add(new ConfigurationError(section.Key, $"unknown key; known here: {string.Join(", ", Ours)}"));
            }
        }
    }
}
