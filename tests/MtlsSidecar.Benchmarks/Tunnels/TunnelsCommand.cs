using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>Opaque tunnels compared in one run: our pair, HAProxy in TCP mode and stunnel, one after another, before the same application.</summary>
internal static class TunnelsCommand
{
    private static readonly string[] CarryingHeading =
        ["Pair", "Exchanges/s", "CPU an exchange, µs", "CPU, ours = 1", "Bulk, GiB/s", "CPU a GiB, s"];

    private static readonly string[] WaitingHeading = ["Pair", "Idle connections", "Memory a connection and proxy, KiB"];

    /// <param name="duration">How long each load lasts.</param>
    /// <param name="rounds">How often each pair has its turn, one after the other in each round: what the machine does beside hits all alike.</param>
    public static async Task<int> RunAsync(TimeSpan duration, int rounds)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        using var application = new TcpEcho();
        await PublishedDaemon.UseAsync(directory["daemon"]);

        var figures = new List<TunnelFigures>();
        Func<Task<ProxyPair>>[] starts =
        [
            () => TunnelPairs.StartOursAsync(pki, application.Port),
            () => TunnelPairs.StartHaProxyAsync(directory, pki, application.Port),
            () => TunnelPairs.StartStunnelAsync(pki, application.Port),
        ];
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var start in starts)
            {
                await using var pair = await start();
                await Console.Error.WriteLineAsync($"round {round} of {rounds}: measuring {pair.Name}");
                figures.Add(await TunnelMeasurement.MeasureAsync(pair, duration));
            }
        }

        var rows = figures.GroupBy(figure => figure.Name).Select(pair => TunnelFigures.Median([.. pair])).ToList();
        MarkdownTable.Write(Console.Out, CarryingHeading, rows.Select(row => new[]
        {
            row.Name,
            Text(row.ExchangesPerSecond, "0"),
            Text(row.CpuMicroseconds, "0.0"),
            Text(row.CpuMicroseconds / rows[0].CpuMicroseconds, "0.00"),
            Text(row.GibibytesPerSecond, "0.00"),
            Text(row.CpuSecondsPerGibibyte, "0.00"),
        }));
        Console.WriteLine();
        MarkdownTable.Write(Console.Out, WaitingHeading, rows.Select(row => new[]
        {
            row.Name,
            Text(row.IdleConnections, "0"),
            Text(row.KibibytesPerConnection, "0.0"),
        }));
        return 0;
    }

    private static string Text(double figure, string format) => figure.ToString(format, CultureInfo.InvariantCulture);
}
