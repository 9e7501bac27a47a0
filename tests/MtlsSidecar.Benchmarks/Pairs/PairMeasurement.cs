using MtlsSidecar.Benchmarks.Measuring;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Measures a pair: memory at rest, a warm-up, round after round of load, memory after it.</summary>
internal sealed class PairMeasurement(ProxyPair pair)
{
    // A daemon serves for weeks: what counts is its code as the runtime leaves it once it has counted, measured and compiled anew what is hot.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);

    private readonly List<PairFigures> _rounds = [];

    public string Name => pair.Name;

    /// <summary>The rounds so far.</summary>
    public IReadOnlyList<PairFigures> Rounds => _rounds;

    /// <summary>The round whose CPU a request is the median: its figures belong together.</summary>
    public PairFigures Typical => _rounds.OrderBy(round => round.CpuMicroseconds).ElementAt(_rounds.Count / 2);

    /// <summary>Both proxies before the first request.</summary>
    public double IdleMebibytes { get; } = pair.PssMebibytes;

    /// <summary>Both proxies after the last round.</summary>
    public double LoadedMebibytes { get; private set; }

    public Task WarmUpAsync() => WrkLoad.RunAsync(pair.Entry, WarmUp);

    public async Task RunRoundAsync(TimeSpan duration)
    {
        var before = pair.CpuSeconds;
        var load = await WrkLoad.RunAsync(pair.Entry, duration);
        var cpu = pair.CpuSeconds - before;
        _rounds.Add(new PairFigures(load, cpu * 1e6 / load.Requests));
        LoadedMebibytes = pair.PssMebibytes;
    }

    /// <summary>CPU a request as a multiple of another pair's: the median over the rounds, in each of which both were measured one after the other.</summary>
    public double CpuInRelationTo(PairMeasurement other)
        => Median.Of(_rounds.Zip(other._rounds, (ours, theirs) => ours.CpuMicroseconds / theirs.CpuMicroseconds));
}
