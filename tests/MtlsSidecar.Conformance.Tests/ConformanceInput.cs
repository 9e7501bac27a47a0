using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Conformance.Tests;

/// <summary>One case as the validator sees it.</summary>
internal sealed record ConformanceInput
{
    /// <summary>The certificate to be judged, DER.</summary>
    public required ReadOnlyMemory<byte> Leaf { get; init; }

    /// <summary>Certificates that may stand in between, DER.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Untrusted { get; init; } = [];

    /// <summary>Trust anchors, DER.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Anchors { get; init; }

    /// <summary>The time for which it is judged.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Profile and inputs of path validation.</summary>
    public ValidationOptions Options { get; init; } = ValidationOptions.Rfc5280;

    /// <summary>The role.</summary>
    public CertificateUsage Usage { get; init; } = CertificateUsage.Any;

    /// <summary>The identities expected; empty for none.</summary>
    public IReadOnlyList<IdentityPattern> Identities { get; init; } = [];
}
