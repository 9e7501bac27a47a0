using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Handshakes;

/// <summary>
/// What a full mutual handshake costs with an almost empty CRL and with one of a million entries, beside nginx and HAProxy in one run. Small
/// and large take turns, each with a process and a warm-up of its own, so that neither has the machine's better hours; figures are medians.
/// </summary>
internal static class HandshakesCommand
{
    private const int LargeSize = 1_000_000;
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly string[] Heading =
        ["Proxy", "CRL entries", "Handshakes/s", "CPU a handshake, µs", "CPU, small CRL = 1", "Memory, MiB"];

    public static async Task<int> RunAsync(TimeSpan duration)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        await PublishedDaemon.UseAsync(directory["daemon"]);
        var application = FreePorts.Next();
        await using var nginx = await NginxProcess.StartApplicationAsync(directory, application);
        Func<Task<HandshakeTarget>>[] starts =
        [
            () => HandshakeTarget.StartSidecarAsync(pki, application),
            () => HandshakeTarget.StartNginxAsync(directory, pki, application),
            () => HandshakeTarget.StartHaProxyAsync(directory, pki, application),
        ];

        var rows = new List<string[]>();
        foreach (var start in starts)
        {
            var name = "";
            var runs = new List<(int Entries, double PerSecond, double Cpu, double Memory)>();
            foreach (var entries in Enumerable.Repeat<int[]>([0, LargeSize], Rounds).SelectMany(sizes => sizes))
            {
                LargeCrl.Write(pki, pki.Users, entries, number: runs.Count + 2);
                await using var target = await start();
                name = target.Name;
                await Console.Error.WriteLineAsync($"measuring {name} with {entries + 1} entries");
                var (perSecond, cpu, memory) = await MeasureAsync(pki, target, duration);
                runs.Add((entries, perSecond, cpu, memory));
            }

            var small = Median.Of(runs.Where(run => run.Entries == 0).Select(run => run.Cpu));
            rows.AddRange(runs.GroupBy(run => run.Entries).Select(size =>
            {
                var cpu = Median.Of(size.Select(run => run.Cpu));
                return new[]
                {
                    name,
                    Text(size.Key + 1),
                    Text(Median.Of(size.Select(run => run.PerSecond))),
                    Text(cpu),
                    (cpu / small).ToString("0.00", CultureInfo.InvariantCulture),
                    Text(Median.Of(size.Select(run => run.Memory))),
                };
            }));
        }

        MarkdownTable.Write(Console.Out, Heading, rows);
        return 0;
    }

    private static async Task<(double PerSecond, double CpuMicroseconds, double Mebibytes)> MeasureAsync(WorkloadPki pki, HandshakeTarget target, TimeSpan duration)
    {
        if (await HandshakeLoad.IsAnsweredAsync(MtlsClient.TlsOptions(pki, pki.Users), target.Port))
        {
            throw new InvalidOperationException($"{target.Name} serves a revoked peer.");
        }

        await HandshakeLoad.RunAsync(pki, pki.Web, target.Port, WarmUp);
        var before = ProcessCost.CpuSeconds([target.ProcessId]);
        var (handshakes, elapsed) = await HandshakeLoad.RunAsync(pki, pki.Web, target.Port, duration);
        var cpu = ProcessCost.CpuSeconds([target.ProcessId]) - before;
        return (handshakes / elapsed.TotalSeconds, cpu * 1e6 / handshakes, ProcessCost.PssMebibytes([target.ProcessId]));
    }

    private static string Text(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
