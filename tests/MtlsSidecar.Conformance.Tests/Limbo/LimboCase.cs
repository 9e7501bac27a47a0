namespace MtlsSidecar.Conformance.Tests.Limbo;

/// <summary>One case of x509-limbo.</summary>
internal sealed record LimboCase
{
    public required string Id { get; init; }

    public required string Description { get; init; }

    /// <summary>The suite's own marks, such as <c>pedantic-rfc5280</c>.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public required bool IsValid { get; init; }

    public required IReadOnlyList<ReadOnlyMemory<byte>> Crls { get; init; }

    public required ConformanceInput Input { get; init; }
}
