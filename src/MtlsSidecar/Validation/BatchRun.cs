using System.Text.Json;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Validation;

/// <summary>Answers a file of jobs, one JSON object a line, in the order of the lines.</summary>
internal static class BatchRun
{
    /// <summary>
    /// Answers every line. Fails closed: what can't be read or makes us fail is answered as malformed, and stops nothing. So is an empty
    /// line, since whoever lays answers beside lines must not be one off; those at the end of the file are no lines.
    /// </summary>
    public static async Task RunAsync(TextReader input, TextWriter answers, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var lines = new BatchLines(input);
        var empty = 0;
        while (await lines.ReadAsync(cancellationToken) is { } line)
        {
            if (line.IsEmpty)
            {
                empty++;
                continue;
            }

            for (; empty > 0; empty--)
            {
                await WriteAsync(answers, ValidationReport.Rejected(null, RejectionReason.Malformed, "the line is empty"), cancellationToken);
            }

            await WriteAsync(answers, await AnswerAsync(line, timeProvider.GetUtcNow(), cancellationToken), cancellationToken);
        }
    }

    private static async Task<ValidationReport> AnswerAsync(BatchText text, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (text.IsTooLong)
        {
            return ValidationReport.Rejected(null, RejectionReason.Malformed, $"the line is longer than {BatchLines.MaxLength} characters");
        }

        JsonElement? id = null;
        try
        {
            var line = JsonSerializer.Deserialize(text.Line, BatchJson.Default.BatchLine) ?? throw new FormatException("the line is null");
            id = Echoed(line.Id);
            var outcome = await ValidationRun.JudgeAsync(ValidationInput.ToJob(line, now), cancellationToken);
            return ValidationReport.Of(id, outcome.Verdict, outcome.Notes);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return ValidationReport.Rejected(id ?? IdOf(text.Line), RejectionReason.Malformed, exception.Message);
        }
    }

    /// <summary>Each answer goes out at once: whoever feeds us through a pipe may wait for it before writing on.</summary>
    private static async Task WriteAsync(TextWriter answers, ValidationReport report, CancellationToken cancellationToken)
    {
        await answers.WriteLineAsync(JsonSerializer.Serialize(report, BatchJson.Default.ValidationReport).AsMemory(), cancellationToken);
        await answers.FlushAsync(cancellationToken);
    }

    /// <summary>An id that can be written again. JSON lets half a surrogate pair be read, which nobody can write.</summary>
    private static JsonElement? Echoed(JsonElement? id)
    {
        try
        {
            return id is { } element && JsonSerializer.Serialize(element, BatchJson.Default.JsonElement).Length > 0 ? id : null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or JsonException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The id of a line that has one though the rest can't be read.</summary>
    private static JsonElement? IdOf(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("id", out var id) ? Echoed(id.Clone()) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair may stand in any name as well.
            return null;
        }
    }
}
