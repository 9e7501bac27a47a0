using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests.Pkits;

/// <summary>One test of NIST PKITS.</summary>
internal sealed record PkitsCase
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The path, trust anchor first.</summary>
    public required IReadOnlyList<string> Certificates { get; init; }

    /// <summary>Certificates outside the path: CRL signers.</summary>
    public required IReadOnlyList<string> ExtraCertificates { get; init; }

    public required IReadOnlyList<string> Crls { get; init; }

    public required bool IsValid { get; init; }

    /// <summary>Whether only a CRL can refuse it.</summary>
    public required bool FailsOnlyByRevocation { get; init; }

    /// <summary>The suite's inputs of path validation.</summary>
    public required PathOptions Options { get; init; }

    /// <summary>The policies for which NIST says the path is valid.</summary>
    public required IReadOnlyList<string> UserConstrainedPolicies { get; init; }

    /// <summary>The case for the validator.</summary>
    public ConformanceInput ToInput() => new()
    {
        Leaf = PkitsSuite.Read(Certificates[^1]),
        Untrusted = [.. Certificates.Skip(1).SkipLast(1).Concat(ExtraCertificates).Select(PkitsSuite.Read)],
        Anchors = [PkitsSuite.Read(Certificates[0])],
        At = PkitsSuite.ValidationTime,
        Options = ValidationOptions.Rfc5280 with { Path = Options },
    };
}
