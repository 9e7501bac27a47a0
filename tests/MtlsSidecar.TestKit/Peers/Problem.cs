using System.Text.Json;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>An <c>application/problem+json</c> answer of the sidecar's own.</summary>
public sealed record Problem(int Status, string? MediaType, JsonElement Body)
{
    public string? Reason => Text("reason");

    public string? RejectionReason => Text("rejectionReason");

    /// <summary>Reads a response.</summary>
    public static async Task<Problem> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        using var document = JsonDocument.Parse(text.Length == 0 ? "{}" : text);
        return new Problem((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, document.RootElement.Clone());
    }

    /// <summary>The <c>reason</c> of a JSON text, or null.</summary>
    public static string? ReasonOf(string json)
    {
        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(json));
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement.TryGetProperty("reason", out var reason) ? reason.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private string? Text(string name) => Body.TryGetProperty(name, out var value) ? value.GetString() : null;
}
