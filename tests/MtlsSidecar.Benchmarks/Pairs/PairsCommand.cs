using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Whole processes compared in one run: our pair, nginx and HAProxy, one after another, before the same application.</summary>
internal static class PairsCommand
{
    private static readonly string[] Heading =
        ["Pair", "Requests/s", "CPU a request, µs", "CPU, ours = 1", "p50", "p99", "Memory idle, MiB", "Memory after load, MiB"];

    public static async Task<int> RunAsync(TimeSpan duration)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        await PublishedDaemon.UseAsync(directory["daemon"]);
        var application = FreePorts.Next();
        await using var nginx = await NginxProcess.StartApplicationAsync(directory, application);

        var rows = new List<PairFigures>();
        Func<Task<ProxyPair>>[] starts =
        [
            () => OurPair.StartAsync(pki, application),
            () => BarePair.StartAsync(pki, application),
            () => NginxPair.StartAsync(directory, pki, application),
            () => HaProxyPair.StartAsync(directory, pki, application, "http/1.1"),
            () => HaProxyPair.StartAsync(directory, pki, application, "h2"),
        ];
        foreach (var start in starts)
        {
            await using var pair = await start();
            await Console.Error.WriteLineAsync($"measuring {pair.Name}");
            rows.Add(await PairMeasurement.MeasureAsync(pair, duration));
        }

        MarkdownTable.Write(Console.Out, Heading, rows.Select(row => Cells(row, rows[0])));
        Console.WriteLine();
        await StartUp.WriteAsync(Console.Out, pki, application);
        return 0;
    }

    private static string[] Cells(PairFigures row, PairFigures ours) =>
    [
        row.Name,
        row.Load.RequestsPerSecond.ToString("0", CultureInfo.InvariantCulture),
        row.CpuMicroseconds.ToString("0.0", CultureInfo.InvariantCulture),
        (row.CpuMicroseconds / ours.CpuMicroseconds).ToString("0.00", CultureInfo.InvariantCulture),
        row.Load.Median,
        row.Load.P99,
        row.IdleMebibytes.ToString("0.0", CultureInfo.InvariantCulture),
        row.LoadedMebibytes.ToString("0.0", CultureInfo.InvariantCulture),
    ];
}
