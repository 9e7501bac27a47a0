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

    /// <summary>Sends requests for a while; every one that got no 2xx, or no answer, is missing from <see cref="LoadResult.Succeeded"/>.</summary>
    public static async Task<LoadResult> RunForAsync(Uri target, TimeSpan duration, int connections, int streams, params IReadOnlyList<string> arguments)
    {
        var result = await ChildProcess.RunAsync(
            new ProcessStart(
                "h2load", ["-D", Text((int)duration.TotalSeconds), "-c", Text(connections), "-m", Text(streams), .. arguments, target.ToString()]),
            duration + TimeSpan.FromMinutes(1));
        var counts = Requests().Match(result.Output);
        var statuses = Statuses().Match(result.Output);
        if (!counts.Success || !statuses.Success)
        {
            throw new InvalidOperationException($"h2load said: {result}");
        }

        // What was under way when time was up is neither done nor failed.
        var (done, failed) = (Number(counts.Groups[1]), Number(counts.Groups[2]) + Number(counts.Groups[3]) + Number(counts.Groups[4]));
        return new LoadResult(done, Math.Min(done - failed, Number(statuses.Groups[1])), result.Output);
    }

    private static long Number(Group group) => long.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout")]
    private static partial Regex Requests();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"status codes: (\d+) 2xx")]
    private static partial Regex Statuses();
}
