using System.Text.Json;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>Answers a file of jobs, one JSON object a line, in the order of the lines.</summary>
internal static class BatchRun
{
    /// <summary>Answers every line. What can't be read is answered as malformed and stops nothing.</summary>
    public static async Task RunAsync(TextReader lines, TextWriter answers, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                var report = await AnswerAsync(line, timeProvider.GetUtcNow(), cancellationToken);
                await answers.WriteLineAsync(JsonSerializer.Serialize(report, BatchJson.Default.ValidationReport));
            }
        }

        await answers.FlushAsync(cancellationToken);
    }

    private static async Task<ValidationReport> AnswerAsync(string text, DateTimeOffset now, CancellationToken cancellationToken)
    {
        string? id = null;
        try
        {
            var line = JsonSerializer.Deserialize(text, BatchJson.Default.BatchLine) ?? throw new FormatException("the line is null");
            id = line.Id;
            return ValidationReport.Of(id, await ValidationRun.JudgeAsync(ValidationInput.ToJob(line, now), cancellationToken));
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return ValidationReport.Rejected(id ?? IdOf(text), RejectionReason.Malformed, exception.Message);
        }
    }

    /// <summary>The id of a line that has one though the rest can't be read.</summary>
    private static string? IdOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
