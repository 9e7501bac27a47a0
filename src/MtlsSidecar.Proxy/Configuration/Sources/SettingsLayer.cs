namespace MtlsSidecar.Proxy.Configuration.Sources;

/// <summary>The settings of one source, flat, as <c>Sidecar:Inbound:Listen</c> = text.</summary>
internal sealed class SettingsLayer
{
    /// <summary>Values by full key; null for JSON's null, empty text for an empty list or section.</summary>
    public Dictionary<string, string?> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Full keys that this source sets to a list, empty ones included.</summary>
    public HashSet<string> Lists { get; } = new(StringComparer.OrdinalIgnoreCase);
}
