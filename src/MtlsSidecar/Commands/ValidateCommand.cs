using System.CommandLine;
using System.Text.Json;
using MtlsSidecar.Validation;

namespace MtlsSidecar.Commands;

/// <summary><c>validate</c>: runs the daemon's certificate validator on a certificate, or on a file of them, and explains the verdict.</summary>
internal static class ValidateCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var options = new ValidateOptions();
        var command = new Command("validate", "Run the certificate validator on a certificate and explain the verdict.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(options, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ValidateOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            if (parsed.GetValue(options.Batch) is { } batch)
            {
                // JSON is UTF-8 (RFC 8259 §8.1), whatever the terminal's locale.
                using var lines = batch == "-" ? new StreamReader(Console.OpenStandardInput()) : File.OpenText(batch);
                await using var answers = new StreamWriter(Console.OpenStandardOutput());
                await BatchRun.RunAsync(lines, answers, TimeProvider.System, cancellationToken);
                return ExitCode.Success;
            }

            var job = ValidationInput.ToJob(options.Read(parsed), TimeProvider.System.GetUtcNow());
            var (verdict, notes) = await ValidationRun.JudgeAsync(job, cancellationToken);
            var report = ValidationReport.Of(null, verdict, notes);
            await Console.Out.WriteLineAsync(parsed.GetValue(options.Json)
                ? JsonSerializer.Serialize(report, BatchJson.Default.ValidationReport)
                : $"{report.Verdict}{(report.Reason is null ? "" : $": {report.Reason}")}\n{report.Detail}\n{string.Join('\n', VerdictSteps.Of(verdict, VerdictSteps.NotAskedBy(job)))}");
            return report.IsAccepted ? ExitCode.Success : ExitCode.Rejected;
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"error: {exception.Message}");
            return ExitCode.Usage;
        }
    }
}
