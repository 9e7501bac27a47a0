namespace MtlsSidecar.TestKit.Applications;

/// <summary>A request as it reached the application: the target byte for byte, header names in the order received.</summary>
public sealed record SeenRequest(string Method, string Target, string Protocol, IReadOnlyDictionary<string, string[]> Headers)
{
    /// <summary>The values of one header, none if it is absent.</summary>
    public IReadOnlyList<string> Header(string name) =>
        Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value ?? [];
}
