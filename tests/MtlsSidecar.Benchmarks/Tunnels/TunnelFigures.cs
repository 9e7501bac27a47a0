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
    double KibibytesPerConnection);
