using System.Globalization;
using System.Text.RegularExpressions;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>wrk: as many HTTP/1.1 requests as possible for a while.</summary>
public static partial class Wrk
{
    /// <summary>Every request that got no 2xx or 3xx, or no answer, is missing from <see cref="LoadResult.Succeeded"/>.</summary>
    public static async Task<LoadResult> RunAsync(Uri target, TimeSpan duration, int connections, params IReadOnlyList<string> arguments)
    {
        var seconds = ((int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var result = await ChildProcess.RunAsync(
            new ProcessStart("wrk", ["-t", "1", "-c", connections.ToString(CultureInfo.InvariantCulture), "-d", seconds, .. arguments, target.ToString()]),
            duration + TimeSpan.FromSeconds(30));
        var requests = Number(Requests().Match(result.Output));
        var failed = Number(NotSuccessful().Match(result.Output)) + SocketErrors().Match(result.Output).Groups.Values.Skip(1).Sum(Number);
        return new LoadResult(requests, requests - failed, result.ToString());
    }

    private static long Number(Group group) =>
        group.Success ? long.Parse(group is Match match ? match.Groups[1].Value : group.Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"(\d+) requests in")]
    private static partial Regex Requests();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex NotSuccessful();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();
}
