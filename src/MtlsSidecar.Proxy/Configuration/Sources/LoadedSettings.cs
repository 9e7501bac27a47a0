using Microsoft.Extensions.Configuration;

namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>Settings of all sources over each other.</summary>
/// <param name="Settings">The merged settings; without the sources that could not be read.</param>
/// <param name="Errors">What could not be read.</param>
public sealed record LoadedSettings(IConfigurationRoot Settings, IReadOnlyList<ConfigurationError> Errors);
