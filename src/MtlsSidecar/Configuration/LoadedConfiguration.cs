using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Configuration;

/// <summary>What loading the configuration came to.</summary>
/// <param name="Settings">All settings, for the <c>Serilog</c> section.</param>
/// <param name="Sidecar">The options of the <c>Sidecar</c> section, or every error of all sources.</param>
internal sealed record LoadedConfiguration(IConfigurationRoot Settings, SidecarOptionsResult Sidecar);
