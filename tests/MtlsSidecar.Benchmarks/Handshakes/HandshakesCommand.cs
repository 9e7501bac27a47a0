using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Benchmarks.Handshakes;

/// <summary>What a full mutual handshake costs with an almost empty CRL and with one of a million entries, beside nginx and HAProxy in one run.</summary>
internal static class HandshakesCommand
{
    private const int LargeSize = 1_000_000;
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
            var small = 0.0;
            foreach (var (entries, number) in new[] { (0, 2), (LargeSize, 3) })
            {
                LargeCrl.Write(pki, pki.Users, entries, number);
                await using var target = await start();
                await Console.Error.WriteLineAsync($"measuring {target.Name} with {entries + 1} entries");
                var (perSecond, cpu, memory) = await MeasureAsync(pki, target, duration);
                small = entries == 0 ? cpu : small;
                rows.Add([target.Name, Text(entries + 1), Text(perSecond), Text(cpu), (cpu / small).ToString("0.00", CultureInfo.InvariantCulture), Text(memory)]);
            }
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
