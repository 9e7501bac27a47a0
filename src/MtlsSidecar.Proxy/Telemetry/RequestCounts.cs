using System.Diagnostics.Metrics;
using System.Globalization;
using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// Answered requests by direction and status code, added up here and told when somebody asks: a counter that is told of each would cost a
/// request a look-up by labels.
/// </summary>
internal sealed class RequestCounts
{
    private const int FirstStatusCode = 100;
    private const int LastStatusCode = 599;

    // What isn't one (an application can send any three digits) comes last.
    private static readonly string[] StatusCodes =
        [.. Enumerable.Range(FirstStatusCode, LastStatusCode - FirstStatusCode + 1).Select(code => code.ToString(CultureInfo.InvariantCulture)), "other"];

    private readonly long[] _inbound = new long[StatusCodes.Length];
    private readonly long[] _outbound = new long[StatusCodes.Length];

    /// <summary>Counts one.</summary>
    public void Add(ConnectionDirection direction, int statusCode)
        => Interlocked.Increment(ref (direction == ConnectionDirection.Inbound ? _inbound : _outbound)[IndexOf(statusCode)]);

    /// <summary>All counts that aren't zero.</summary>
    public IEnumerable<Measurement<long>> Observe()
        => [.. Observe(ConnectionDirection.Inbound, _inbound), .. Observe(ConnectionDirection.Outbound, _outbound)];

    private static int IndexOf(int statusCode)
        => statusCode is >= FirstStatusCode and <= LastStatusCode ? statusCode - FirstStatusCode : StatusCodes.Length - 1;

    private static IEnumerable<Measurement<long>> Observe(ConnectionDirection direction, long[] counts)
    {
        for (var index = 0; index < counts.Length; index++)
        {
            if (Volatile.Read(ref counts[index]) is > 0 and var count)
            {
                yield return new Measurement<long>(count, MetricTags.Direction(direction), new("code", StatusCodes[index]));
            }
        }
    }
}
