namespace MtlsSidecar.Benchmarks.Measuring;

/// <summary>What a load generator measured.</summary>
/// <param name="Requests">Answered requests.</param>
/// <param name="RequestsPerSecond">Throughput.</param>
/// <param name="Median">Latency that half the requests stay below, as the generator writes it.</param>
/// <param name="P99">Latency that 99 of 100 requests stay below.</param>
internal sealed record LoadFigures(long Requests, double RequestsPerSecond, string Median, string P99);
