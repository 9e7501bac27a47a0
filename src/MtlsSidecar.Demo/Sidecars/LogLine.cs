using System.Text.Json;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>One line that a sidecar wrote: a JSON object in its log, or plain text on standard error.</summary>
internal sealed class LogLine
{
    private const int MaxShownLength = 300;
    private readonly string _text;
    private readonly JsonElement _fields;

    private LogLine(string text, JsonElement fields) => (_text, _fields) = (text, fields);

    /// <summary>The name of the event, if the line tells of one.</summary>
    public string? Event => Find(_fields, "EventId") is { } id ? Find(id, "Name")?.ToString() : null;

    /// <summary>A field of the event as text.</summary>
    public string? this[string field] => Find(_fields, field)?.ToString();

    /// <summary>Reads a line.</summary>
    public static LogLine Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return new LogLine(text, document.RootElement.Clone());
        }
        catch (JsonException)
        {
            return new LogLine(text, default);
        }
    }

    /// <summary>What a person reads first.</summary>
    public override string ToString()
    {
        var shown = this["message"] is { } message ? $"{this["level"]}: {message}" : _text;
        return shown.Length <= MaxShownLength ? shown : shown[..MaxShownLength] + "...";
    }

    /// <summary>A field of the object, or of the event's properties in it.</summary>
    private static JsonElement? Find(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (property.NameEquals(name))
            {
                return property.Value;
            }
        }

        return element.EnumerateObject().FirstOrDefault(property => property.Name.Equals("properties", StringComparison.OrdinalIgnoreCase)) is { Value: var properties }
            ? Find(properties, name)
            : null;
    }
}
