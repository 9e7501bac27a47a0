namespace MtlsSidecar.Trust.Paths.Policies;

/// <summary>A policy that holds for a path down to one certificate.</summary>
/// <param name="Policy">The policy as that certificate names it.</param>
/// <param name="Parents">The nodes one certificate above from which it follows.</param>
internal sealed record PolicyNode(string Policy, IReadOnlyList<PolicyNode> Parents)
{
    /// <summary>What the next certificate may call it.</summary>
    public IReadOnlyCollection<string> Expected { get; set; } = [Policy];
}
