namespace MtlsSidecar.TestKit.Applications;

/// <summary>The application's JSON answer: what it received.</summary>
public sealed record Echo(string Method, string Target, string Protocol, Dictionary<string, string[]> Headers, long BodyLength, string BodySha256)
{
    /// <inheritdoc cref="SeenRequest.Header"/>
    public IReadOnlyList<string> Header(string name) =>
        Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value ?? [];
}
