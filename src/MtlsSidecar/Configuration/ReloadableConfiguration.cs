using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Reloading;

namespace MtlsSidecar.Configuration;

/// <summary>The daemon's configuration as the data plane reads it again.</summary>
internal sealed class ReloadableConfiguration(SidecarConfiguration configuration) : ISidecarOptionsSource
{
    /// <inheritdoc/>
    public IEnumerable<string> Files => configuration.Files;

    /// <inheritdoc/>
    public SidecarOptionsResult Load() => configuration.Load().Sidecar;
}
