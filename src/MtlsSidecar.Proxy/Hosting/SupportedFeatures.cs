using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>
/// Refuses to start with what the configuration can say but this version doesn't do. Passing over it would fail open: an operator must not
/// believe that something is there which isn't.
/// </summary>
public static class SupportedFeatures
{
    private const string NotSupported = "is not supported by this version";

    /// <summary>Adds an error for each option that would have no effect.</summary>
    public static void Check(SidecarOptions options, ICollection<ConfigurationError> errors)
    {
        if (options.Identity.Source == IdentitySource.Est)
        {
            errors.Add(new ConfigurationError("Sidecar:Identity:Source", $"Est {NotSupported}"));
        }
    }
}
