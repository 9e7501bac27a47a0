using System.Diagnostics;
using System.Globalization;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>How long one sidecar takes from its start to its first ready probe, and what it occupies at rest.</summary>
internal static class StartUp
{
    private const int Runs = 5;

    // Long enough for what the start left undone to settle; memory at rest, not at start, is measured.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);

    public static async Task WriteAsync(TextWriter output, WorkloadPki pki, int application)
    {
        var (times, memory) = (new List<double>(), new List<double>());
        for (var run = 0; run < Runs; run++)
        {
            var settings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(SidecarSettings.Loopback(application)).Allow(WorkloadPki.SpiffeId("web"));
            var watch = Stopwatch.StartNew();
            await using var sidecar = SidecarProcess.Launch(settings, PublishedDaemon.Environment);
            while (await sidecar.ProbeAsync("ready") != System.Net.HttpStatusCode.OK)
            {
                if (sidecar.Process.HasExited)
                {
                    throw new InvalidOperationException($"The sidecar ended before it was ready.\n{sidecar.Process.Output}\n{sidecar.Process.Error}");
                }

                await Task.Delay(Between);
            }

            times.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(Rest);
            memory.Add(ProcessCost.PssMebibytes([sidecar.Process.Id]));
        }

        times.Sort();
        memory.Sort();
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"One sidecar, median of {Runs} starts: ready after {times[Runs / 2]:0} ms (fastest {times[0]:0}), idle memory {memory[Runs / 2]:0.0} MiB (PSS)."));
    }
}
