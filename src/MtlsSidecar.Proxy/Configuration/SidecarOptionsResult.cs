using System.Diagnostics.CodeAnalysis;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>What reading a configuration came to: options, or every error at once.</summary>
/// <param name="Options">The options; null when there is any error.</param>
/// <param name="Errors">Every error that was found.</param>
/// <param name="Warnings">Every warning, whether there are errors or not.</param>
public sealed record SidecarOptionsResult(
    SidecarOptions? Options,
    IReadOnlyList<ConfigurationError> Errors,
    IReadOnlyList<ConfigurationWarning> Warnings)
{
    /// <summary>Whether the options may be used.</summary>
    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsValid => Options is not null;
}
