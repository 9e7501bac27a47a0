namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>One row of the comparison.</summary>
/// <param name="Name">The pair.</param>
/// <param name="ExchangesPerSecond">Small exchanges.</param>
/// <param name="CpuMicroseconds">CPU of both proxies for one of them.</param>
/// <param name="GibibytesPerSecond">Bulk, one way.</param>
/// <param name="CpuSecondsPerGibibyte">CPU of both proxies for it.</param>
/// <param name="IdleConnections">How many connections were opened to wait.</param>
/// <param name="KibibytesPerConnection">What one of them adds to the memory of each of the two proxies, on average.</param>
internal sealed record TunnelFigures(
    string Name,
    double ExchangesPerSecond,
    double CpuMicroseconds,
    double GibibytesPerSecond,
    double CpuSecondsPerGibibyte,
    int IdleConnections,
    double KibibytesPerConnection)
{
    /// <summary>The median of each figure by itself over the rounds of one pair.</summary>
    public static TunnelFigures Median(IReadOnlyList<TunnelFigures> rounds) => new(
        rounds[0].Name,
        Median(rounds, round => round.ExchangesPerSecond),
        Median(rounds, round => round.CpuMicroseconds),
        Median(rounds, round => round.GibibytesPerSecond),
        Median(rounds, round => round.CpuSecondsPerGibibyte),
        (int)Median(rounds, round => round.IdleConnections),
        Median(rounds, round => round.KibibytesPerConnection));

    private static double Median(IReadOnlyList<TunnelFigures> rounds, Func<TunnelFigures, double> figure)
    {
        var sorted = rounds.Select(figure).Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
