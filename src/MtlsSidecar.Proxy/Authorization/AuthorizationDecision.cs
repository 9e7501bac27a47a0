namespace MtlsSidecar.Proxy.Authorization;

/// <summary>What came of a request. For our log and metrics; the caller learns no more than that it was denied.</summary>
/// <param name="Permit">The proof, or null: denied.</param>
/// <param name="Source">The name of the policy that decided, or <see cref="DefaultSource"/> when none did.</param>
/// <param name="Audited">Names of the Audit policies that matched.</param>
internal readonly record struct AuthorizationDecision(Permit? Permit, string Source, IReadOnlyList<string> Audited)
{
    /// <summary>No policy matched, hence denied.</summary>
    public const string DefaultSource = "default";
}
