using System.Text.Json;

namespace MtlsSidecar.Trust.Validation;

/// <summary>The authority's answer, read strictly: what isn't plainly an acceptance is none.</summary>
/// <param name="IsAccepted">Whether the authority accepts the chain.</param>
/// <param name="Reason">Why it doesn't; null when accepted or when it names a reason that is unknown here.</param>
/// <param name="ValidUntil">How long the answer may be used.</param>
internal sealed record AuthorityAnswer(bool IsAccepted, RejectionReason? Reason, DateTimeOffset ValidUntil)
{
    /// <summary>The largest answer taken; a real one has a hundred bytes.</summary>
    public const int MaxLength = 8 * 1024;

    private const int MaxDepth = 4;

    /// <summary>Reads an answer; null when it is none.</summary>
    public static AuthorityAnswer? TryRead(ReadOnlyMemory<byte> json)
    {
        try
        {
            // A name given twice has two readings, one of which may be an acceptance.
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return Read(document.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static AuthorityAnswer? Read(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || Text(answer, "verdict") is not { } verdict)
        {
            return null;
        }

        return verdict switch
        {
            "accepted" when TryReadTime(answer, out var validUntil) => new AuthorityAnswer(true, null, validUntil),
            "rejected" => new AuthorityAnswer(false, ReadReason(answer), DateTimeOffset.MinValue),
            _ => null,
        };
    }

    private static bool TryReadTime(JsonElement answer, out DateTimeOffset time)
    {
        time = default;
        return answer.TryGetProperty("validUntil", out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out time);
    }

    /// <summary>Only a name that we know: what the server sends otherwise has no business in our log.</summary>
    private static RejectionReason? ReadReason(JsonElement answer)
        => Text(answer, "reason") is { Length: > 0 } name && char.IsAsciiLetter(name[0]) && Enum.TryParse<RejectionReason>(name, out var reason) ? reason : null;

    private static string? Text(JsonElement answer, string name)
        => answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
