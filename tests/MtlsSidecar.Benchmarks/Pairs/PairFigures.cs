using MtlsSidecar.Benchmarks.Measuring;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>One round under load.</summary>
internal sealed record PairFigures(LoadFigures Load, double CpuMicroseconds);
