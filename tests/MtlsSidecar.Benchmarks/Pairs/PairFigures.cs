using MtlsSidecar.Benchmarks.Measuring;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>One row of the comparison.</summary>
internal sealed record PairFigures(string Name, LoadFigures Load, double CpuMicroseconds, double IdleMebibytes, double LoadedMebibytes);
