using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Configuration;

/// <summary>What loading the configuration came to.</summary>
/// <param name="Settings">All settings, for the <c>Serilog</c> section.</param>
/// <param name="Sidecar">The options of the <c>Sidecar</c> section, or every error of all sources.</param>
/// <param name="AsRead">What the files were like before they were read.</param>
internal sealed record LoadedConfiguration(IConfigurationRoot Settings, SidecarOptionsResult Sidecar, FileStamps AsRead);
