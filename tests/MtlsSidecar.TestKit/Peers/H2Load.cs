using System.Globalization;
using System.Text.RegularExpressions;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>h2load: many requests over few connections, cleartext HTTP/2 with prior knowledge or HTTP/1.1.</summary>
public static partial class H2Load
{
    /// <summary>Sends that many requests and counts those answered with 2xx.</summary>
    public static async Task<LoadResult> RunAsync(Uri target, int requests, int connections, int streams, params IReadOnlyList<string> arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ProcessStart("h2load", ["-n", Text(requests), "-c", Text(connections), "-m", Text(streams), .. arguments, target.ToString()]),
            TimeSpan.FromMinutes(2));
        var counts = Statuses().Match(result.Output);
        return counts.Success
            ? new LoadResult(requests, long.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture), result.Output)
            : throw new InvalidOperationException($"h2load said: {result}");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"status codes: (\d+) 2xx")]
    private static partial Regex Statuses();
}
