using MtlsSidecar.Benchmarks.Pairs;

namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>Measures a pair: a warm-up, small exchanges, bulk, then connections that wait.</summary>
internal static class TunnelMeasurement
{
    public const int ExchangeConnections = 32;
    public const int IdleConnections = 5_000;
    private const double Gibibyte = 1L << 30;
    // As PairMeasurement's.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan OpeningLimit = TimeSpan.FromSeconds(25);

    // Long enough for what the handshakes left behind to be given back.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    public static async Task<TunnelFigures> MeasureAsync(ProxyPair pair, TimeSpan duration)
    {
        await TunnelLoad.ExchangeAsync(pair.Entry, ExchangeConnections, WarmUp);
        var (exchanges, exchangeCpu) = await WithCpuAsync(pair, () => TunnelLoad.ExchangeAsync(pair.Entry, ExchangeConnections, duration));
        var (bulk, bulkCpu) = await WithCpuAsync(pair, () => TunnelLoad.SendAsync(pair.Entry, duration));
        var (idle, kibibytes) = await MeasureIdleAsync(pair);
        return new TunnelFigures(
            pair.Name,
            exchanges / duration.TotalSeconds,
            exchangeCpu * 1e6 / exchanges,
            bulk.Bytes / Gibibyte / bulk.Elapsed.TotalSeconds,
            bulkCpu / (bulk.Bytes / Gibibyte),
            idle,
            kibibytes);
    }

    private static async Task<(T Result, double CpuSeconds)> WithCpuAsync<T>(ProxyPair pair, Func<Task<T>> load)
    {
        var before = pair.CpuSeconds;
        var result = await load();
        return (result, pair.CpuSeconds - before);
    }

    private static async Task<(int Connections, double Kibibytes)> MeasureIdleAsync(ProxyPair pair)
    {
        await Task.Delay(Rest);
        var before = pair.PssMebibytes;
        var sockets = await TunnelLoad.OpenIdleAsync(pair.Entry, IdleConnections, OpeningLimit);
        await Task.Delay(Rest);

        // Two proxies hold each connection, one on each side.
        var kibibytes = (pair.PssMebibytes - before) * 1024 / sockets.Count / 2;
        foreach (var socket in sockets)
        {
            socket.Dispose();
        }

        return (sockets.Count, kibibytes);
    }
}
