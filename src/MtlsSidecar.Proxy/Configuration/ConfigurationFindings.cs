namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Gathers every error and warning of one reading, so that an operator mends a configuration in one go.</summary>
internal sealed class ConfigurationFindings
{
    private readonly List<ConfigurationError> _errors = [];
    private readonly List<ConfigurationWarning> _warnings = [];

    public IReadOnlyList<ConfigurationError> Errors => _errors;

    public IReadOnlyList<ConfigurationWarning> Warnings => _warnings;

    /// <summary>Adds an error under a full key.</summary>
    public void Error(string key, string message) => _errors.Add(new ConfigurationError(key, message));

    /// <summary>Adds a warning under a full key.</summary>
    public void Warn(string key, string message) => _warnings.Add(new ConfigurationWarning(key, message));
}
