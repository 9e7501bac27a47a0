using System.Globalization;
using System.Text.RegularExpressions;
using MtlsSidecar.TestKit.Peers;

namespace MtlsSidecar.Benchmarks.Measuring;

/// <summary>Load by wrk: one thread, 32 kept connections, the next request as soon as the last is answered.</summary>
internal static partial class WrkLoad
{
    private const int Connections = 32;

    /// <summary>Loads the target for a while.</summary>
    /// <exception cref="InvalidOperationException">A request failed: figures of a pair that refuses are worth nothing.</exception>
    public static async Task<LoadFigures> RunAsync(Uri target, TimeSpan duration)
    {
        var result = await Wrk.RunAsync(target, duration, Connections, "--latency");
        if (result.Requests == 0 || result.Succeeded != result.Requests)
        {
            throw new InvalidOperationException($"{result.Requests - result.Succeeded} of {result.Requests} requests failed.\n{result.Output}");
        }

        var rate = double.Parse(Rate().Match(result.Output).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new LoadFigures(result.Requests, rate, Median().Match(result.Output).Groups[1].Value, P99().Match(result.Output).Groups[1].Value);
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"^\s+50%\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Median();

    [GeneratedRegex(@"^\s+99%\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex P99();
}
