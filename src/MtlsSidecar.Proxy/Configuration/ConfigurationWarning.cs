namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Something legal that an operator should know before relying on it.</summary>
/// <param name="Key">The full key, such as <c>Sidecar:Validation:UnknownStatus</c>.</param>
/// <param name="Message">What follows from it, in one sentence without its final dot.</param>
public sealed record ConfigurationWarning(string Key, string Message)
{
    /// <summary>Key and message as printed.</summary>
    public override string ToString() => $"{Key}: {Message}";
}
