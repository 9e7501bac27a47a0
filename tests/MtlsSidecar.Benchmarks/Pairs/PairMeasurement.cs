using MtlsSidecar.Benchmarks.Measuring;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Measures a pair: memory at rest, a warm-up, the load itself, memory after it.</summary>
internal static class PairMeasurement
{
    // A daemon serves for weeks: what counts is its code as the runtime leaves it once it has counted, measured and compiled anew what is hot.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    public static async Task<PairFigures> MeasureAsync(ProxyPair pair, TimeSpan duration)
    {
        var idle = pair.PssMebibytes;
        await WrkLoad.RunAsync(pair.Entry, WarmUp);
        var before = pair.CpuSeconds;
        var load = await WrkLoad.RunAsync(pair.Entry, duration);
        var cpu = pair.CpuSeconds - before;
        return new PairFigures(pair.Name, load, cpu * 1e6 / load.Requests, idle, pair.PssMebibytes);
    }
}
