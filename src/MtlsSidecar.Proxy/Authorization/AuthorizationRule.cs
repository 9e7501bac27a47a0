using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>A rule of a policy: matches when the peer is one of the principals and the request one of the operations.</summary>
/// <param name="Principals">Who; null is any validated peer.</param>
/// <param name="Operations">What; null is anything.</param>
internal sealed record AuthorizationRule(IReadOnlyList<IdentityPattern>? Principals, IReadOnlyList<OperationPattern>? Operations)
{
    /// <summary>Whether the rule is about this peer.</summary>
    public bool Concerns(PeerIdentity peer) => Principals is null || Principals.Any(principal => principal.Matches(peer));
}
