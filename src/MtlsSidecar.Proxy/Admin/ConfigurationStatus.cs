namespace MtlsSidecar.Proxy.Admin;

/// <summary>The configuration in <c>/status</c>.</summary>
/// <param name="LastError">Why the last reload was refused, so that the old configuration is in force; null when it was not.</param>
internal sealed record ConfigurationStatus(string? LastError);
