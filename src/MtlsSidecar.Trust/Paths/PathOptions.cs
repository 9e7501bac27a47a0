using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths;

/// <summary>The inputs of certification path validation that a relying party sets (RFC 5280 §6.1.1).</summary>
public sealed record PathOptions
{
    /// <summary>What the daemon uses: any policy, the algorithm floor on.</summary>
    public static PathOptions Workload { get; } = new();

    /// <summary>RFC 5280 §6.1 with its default inputs and no algorithm floor.</summary>
    public static PathOptions Rfc5280 { get; } = new() { AlgorithmFloor = false, BareAnchors = true };

    /// <summary>Whether certificates below the algorithm floor are refused. Default on.</summary>
    public bool AlgorithmFloor { get; init; } = true;

    /// <summary>The role for which every certificate of the path that has an extended key usage must allow it. Default any.</summary>
    public CertificateUsage Usage { get; init; } = CertificateUsage.Any;

    /// <summary>How many intermediates a path may have, self-issued ones not counted. Default 8.</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>Whether a trust anchor in the middle of a PKI may lack basic constraints (RFC 5280 §6.1.1(d): a name and a key). Default off.</summary>
    public bool BareAnchors { get; init; }

    /// <summary>The user-initial-policy-set as object identifiers; empty means any policy.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>initial-explicit-policy.</summary>
    public bool RequireExplicitPolicy { get; init; }

    /// <summary>initial-policy-mapping-inhibit.</summary>
    public bool InhibitPolicyMapping { get; init; }

    /// <summary>initial-any-policy-inhibit.</summary>
    public bool InhibitAnyPolicy { get; init; }
}
