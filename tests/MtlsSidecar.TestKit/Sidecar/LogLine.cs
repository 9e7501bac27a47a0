using System.Text.Json;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>One line of the daemon's log: a JSON object whose fields are found by name wherever the formatter puts them.</summary>
public sealed class LogLine
{
    private readonly JsonElement _root;

    private LogLine(string text, JsonElement root)
    {
        (Text, _root) = (text, root);
    }

    /// <summary>The line as written.</summary>
    public string Text { get; }

    /// <summary>The event's name, from its <c>EventId</c>.</summary>
    public string? Event => Find(_root, "EventId") is { ValueKind: JsonValueKind.Object } id ? Find(id, "Name")?.GetString() : null;

    /// <summary><c>Information</c>, <c>Warning</c>, <c>Error</c> …</summary>
    public string? Level => this["Level"] is { Length: > 0 } level ? char.ToUpperInvariant(level[0]) + level[1..] : null;

    /// <summary>A field as text, or null if the line doesn't have it.</summary>
    public string? this[string field] => Find(_root, field) is { } value
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText()
        : null;

    public static bool TryParse(string text, out LogLine line)
    {
        line = null!;
        if (!text.StartsWith('{'))
        {
            return false;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            line = new LogLine(text, document.RootElement.Clone());
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public override string ToString() => Text;

    private static JsonElement? Find(JsonElement element, string name) =>
        Property(element, name) ?? (Property(element, "Properties") is { } properties ? Property(properties, name) : null);

    private static JsonElement? Property(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value;
            }
        }

        return null;
    }
}
