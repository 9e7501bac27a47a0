namespace MtlsSidecar.Trust.Paths;

/// <summary>The inputs of certification path validation that a relying party sets (RFC 5280 §6.1.1).</summary>
public sealed record PathOptions
{
    /// <summary>What the daemon uses: any policy, the algorithm floor on.</summary>
    public static PathOptions Workload { get; } = new();

    /// <summary>Whether certificates below the algorithm floor are refused. Default on.</summary>
    public bool AlgorithmFloor { get; init; } = true;

    /// <summary>How many intermediates a path may have. Default 8.</summary>
    public int MaxDepth { get; init; } = 8;

    /// <summary>The user-initial-policy-set as object identifiers; empty means any policy.</summary>
    public IReadOnlyList<string> Policies { get; init; } = [];

    /// <summary>initial-explicit-policy.</summary>
    public bool RequireExplicitPolicy { get; init; }

    /// <summary>initial-policy-mapping-inhibit.</summary>
    public bool InhibitPolicyMapping { get; init; }

    /// <summary>initial-any-policy-inhibit.</summary>
    public bool InhibitAnyPolicy { get; init; }
}
