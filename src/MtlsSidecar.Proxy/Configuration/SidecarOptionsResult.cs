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
    /// <summary>
    /// What could be read in spite of errors, so that the files it names can be checked in the same go; never to be run. Null when nothing
    /// could be read.
    /// </summary>
    public SidecarOptions? Draft { get; init; }

    /// <summary>Whether the options may be used.</summary>
    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsValid => Options is not null;
}
