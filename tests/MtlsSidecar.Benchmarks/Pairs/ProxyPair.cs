using MtlsSidecar.Benchmarks.Measuring;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Two proxies with mutual TLS between them: plain HTTP in at <paramref name="entry"/>, plain HTTP out to the application.</summary>
internal sealed class ProxyPair(string name, Uri entry, IReadOnlyList<int> processes, params IReadOnlyList<IAsyncDisposable> owned) : IAsyncDisposable
{
    public string Name { get; } = name;

    public Uri Entry { get; } = entry;

    public double CpuSeconds => ProcessCost.CpuSeconds(processes);

    public double PssMebibytes => ProcessCost.PssMebibytes(processes);

    public async ValueTask DisposeAsync()
    {
        foreach (var one in owned)
        {
            await one.DisposeAsync();
        }
    }
}
