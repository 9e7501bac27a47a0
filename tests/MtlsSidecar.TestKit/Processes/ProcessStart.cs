using System.Diagnostics;

namespace MtlsSidecar.TestKit.Processes;

/// <summary>How to start a program.</summary>
public sealed record ProcessStart(string Program, params IReadOnlyList<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Added to the environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Written to standard input, which is then closed; null leaves it open for the test.</summary>
    public string? Input { get; init; }

    internal ProcessStartInfo ToStartInfo()
    {
        var info = new ProcessStartInfo(Tools.Find(Program), Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = WorkingDirectory ?? "",
        };
        foreach (var (name, value) in Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }
}
