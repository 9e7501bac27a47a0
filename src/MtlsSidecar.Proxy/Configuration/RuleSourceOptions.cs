using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>An element of a rule's <c>From</c>.</summary>
[NotEmpty]
public sealed class RuleSourceOptions
{
    /// <summary>Identity patterns, one of which must match.</summary>
    [NotEmpty]
    public List<IdentityPattern>? Principals { get; init; }
}
