using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>
/// Whole processes compared in one run before the same application: our pair, a bare one of the same platform, nginx and HAProxy. All are there
/// from the start and take turns under load, so that none has the machine's better minutes.
/// </summary>
internal static class PairsCommand
{
    private const int Rounds = 5;
    private static readonly string[] Heading =
        ["Pair", "Requests/s", "CPU a request, µs", "CPU, ours = 1", "p50", "p99", "Memory idle, MiB", "Memory after load, MiB"];

    public static async Task<int> RunAsync(TimeSpan duration)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        await PublishedDaemon.UseAsync(directory["daemon"]);
        var application = FreePorts.Next();
        await using var nginx = await NginxProcess.StartApplicationAsync(directory, application);

        Func<Task<ProxyPair>>[] starts =
        [
            () => OurPair.StartAsync(pki, application),
            () => BarePair.StartAsync(pki, application),
            () => NginxPair.StartAsync(directory, pki, application),
            () => HaProxyPair.StartAsync(directory, pki, application, "http/1.1"),
            () => HaProxyPair.StartAsync(directory, pki, application, "h2"),
        ];
        List<ProxyPair> pairs = [];
        try
        {
            List<PairMeasurement> rows = [];
            foreach (var start in starts)
            {
                pairs.Add(await start());
                rows.Add(new PairMeasurement(pairs[^1]));
                await Console.Error.WriteLineAsync($"warming up {pairs[^1].Name}");
                await rows[^1].WarmUpAsync();
            }

            for (var round = 1; round <= Rounds; round++)
            {
                await Console.Error.WriteLineAsync($"round {round} of {Rounds}");
                foreach (var row in round % 2 == 0 ? rows.AsEnumerable().Reverse() : rows)
                {
                    await row.RunRoundAsync(duration);
                }
            }

            MarkdownTable.Write(Console.Out, Heading, rows.Select(row => Cells(row, rows[0])));
        }
        finally
        {
            foreach (var pair in pairs)
            {
                await pair.DisposeAsync();
            }
        }

        Console.WriteLine();
        await StartUp.WriteAsync(Console.Out, pki, application);
        return 0;
    }

    private static string[] Cells(PairMeasurement row, PairMeasurement ours) =>
    [
        row.Name,
        row.Typical.Load.RequestsPerSecond.ToString("0", CultureInfo.InvariantCulture),
        row.Typical.CpuMicroseconds.ToString("0.0", CultureInfo.InvariantCulture),
        row.CpuInRelationTo(ours).ToString("0.00", CultureInfo.InvariantCulture),
        row.Typical.Load.Median,
        row.Typical.Load.P99,
        row.IdleMebibytes.ToString("0.0", CultureInfo.InvariantCulture),
        row.LoadedMebibytes.ToString("0.0", CultureInfo.InvariantCulture),
    ];
}
