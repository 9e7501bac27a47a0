using System.Text.Json;
using System.Xml.Linq;
using MtlsSidecar.Demo.Services;

namespace MtlsSidecar.Demo.Clients;

/// <summary>What came back for a request.</summary>
internal sealed record Answer(int Status, string Body)
{
    /// <summary>The reason in an error answer of a sidecar itself (RFC 9457).</summary>
    public string? Reason => Status >= 400 && TryReadJson() is { } problem && problem.TryGetProperty("reason", out var reason) ? reason.GetString() : null;

    /// <summary>The status and, of an error, the reason.</summary>
    public override string ToString() => Reason is { } reason ? $"{Status} {reason}" : $"{Status}";

    /// <summary>Reads the order in it.</summary>
    public Order ReadOrder() => JsonSerializer.Deserialize<Order>(Body, JsonSerializerOptions.Web)!;

    /// <summary>The text of an element in an XML answer.</summary>
    public string? ReadXml(string element) => XDocument.Parse(Body).Descendants().FirstOrDefault(found => found.Name.LocalName == element)?.Value;

    private JsonElement? TryReadJson()
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(Body) is { ValueKind: JsonValueKind.Object } found ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
