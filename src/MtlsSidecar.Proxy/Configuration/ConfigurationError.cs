namespace MtlsSidecar.Proxy.Configuration;

/// <summary>Something that keeps the sidecar from starting with a configuration.</summary>
/// <param name="Key">The full key, such as <c>Sidecar:Inbound:Listen</c>, or the file where there is no key.</param>
/// <param name="Message">What is wrong and what would be right, in one sentence without its final dot.</param>
public sealed record ConfigurationError(string Key, string Message)
{
    /// <summary>Key and message as printed.</summary>
    public override string ToString() => $"{Key}: {Message}";
}
