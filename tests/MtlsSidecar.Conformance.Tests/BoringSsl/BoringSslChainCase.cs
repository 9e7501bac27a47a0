namespace MtlsSidecar.Conformance.Tests.BoringSsl;

/// <summary>One case of BoringSSL's path validation tests.</summary>
internal sealed record BoringSslChainCase
{
    public required string Id { get; init; }

    /// <summary>The purpose asked for, by BoringSSL's name.</summary>
    public required string KeyPurpose { get; init; }

    /// <summary>How the last certificate is trusted, by BoringSSL's name.</summary>
    public required string LastCertificateTrust { get; init; }

    /// <summary>All that is asked but the trust: cases with the same question differ only in how the last certificate is trusted.</summary>
    public required string Question { get; init; }

    public required bool IsValid { get; init; }

    public required string ExpectedErrors { get; init; }

    public required ConformanceInput Input { get; init; }
}
