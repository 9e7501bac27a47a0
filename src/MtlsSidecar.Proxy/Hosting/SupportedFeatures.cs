using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>
/// Refuses to start with what the configuration can say but this version doesn't do. Passing over it would fail open: an operator who asked
/// for OCSP, or for a tunnel's authorization, must not believe that it is there.
/// </summary>
public static class SupportedFeatures
{
    private const string NotSupported = "is not supported by this version";

    /// <summary>Adds an error for each option that would have no effect.</summary>
    public static void Check(SidecarOptions options, ICollection<ConfigurationError> errors)
    {
        foreach (var tunnel in options.Tunnels.Keys)
        {
            errors.Add(new ConfigurationError($"Sidecar:Tunnels:{tunnel}", NotSupported));
        }

        if (options.Validation.Ocsp.Enabled)
        {
            errors.Add(new ConfigurationError("Sidecar:Validation:Ocsp:Enabled", NotSupported));
        }
    }
}
