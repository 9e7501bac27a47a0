using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>By which rules a <see cref="PeerValidator"/> judges. Fixed for its lifetime, so no part of its verdict cache's key.</summary>
public sealed record ValidationOptions
{
    /// <summary>What the daemon uses.</summary>
    public static ValidationOptions Workload { get; } = new();

    /// <summary>RFC 5280 §6.1 alone, for audits of other PKIs.</summary>
    public static ValidationOptions Rfc5280 { get; } = new() { Profile = ValidationProfile.Rfc5280, Path = PathOptions.Rfc5280 };

    /// <summary>The profile. Default and safe value: <see cref="ValidationProfile.Workload"/>.</summary>
    public ValidationProfile Profile { get; init; } = ValidationProfile.Workload;

    /// <summary>How many certificates beside the leaf are looked at. The default is a bound on what a peer may make us do.</summary>
    public int MaxCertificates { get; init; } = PresentedChain.MaxCertificates;

    /// <summary>The inputs of path validation. Its usage is replaced by that of each expectation.</summary>
    public PathOptions Path { get; init; } = PathOptions.Workload;
}
