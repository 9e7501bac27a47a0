namespace MtlsSidecar.Conformance.Tests.BetterTls;

/// <summary>One case of BetterTLS.</summary>
internal sealed record BetterTlsCase
{
    public required string Id { get; init; }

    public required bool IsValid { get; init; }

    public required ConformanceInput Input { get; init; }
}
