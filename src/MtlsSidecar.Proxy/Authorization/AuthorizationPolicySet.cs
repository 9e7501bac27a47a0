using System.Runtime.CompilerServices;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>
/// All policies at one moment, and the decision point. Deny wins over Allow; what nothing allows is denied; without policies everything is.
/// Which rules concern a peer is found out once, not on each of its requests.
/// </summary>
internal sealed class AuthorizationPolicySet
{
    private readonly AuthorizationPolicy[] _policies;
    private readonly ConditionalWeakTable<PeerIdentity, AuthorizationPolicy[]> _byPeer = [];
    private readonly ConditionalWeakTable<PeerIdentity, AuthorizationPolicy[]>.CreateValueCallback _select;

    public AuthorizationPolicySet(IEnumerable<AuthorizationPolicy> policies)
    {
        // Deny first, then Allow: the first match decides.
        _policies = [.. policies.OrderBy(policy => policy.Action == AuthorizationAction.Allow)];
        _select = peer => [.. _policies.Select(policy => policy.For(peer)).Where(policy => policy.Rules.Count > 0)];
    }

    /// <summary>Decides about a request.</summary>
    public AuthorizationDecision Decide(AuthorizationRequest request)
    {
        var policies = _byPeer.GetValue(request.Peer, _select);
        IReadOnlyList<string> audited = FindAudited(policies, request) ?? [];
        foreach (var policy in policies)
        {
            if (policy.Action != AuthorizationAction.Audit && policy.Matches(request))
            {
                return new AuthorizationDecision(policy.Action == AuthorizationAction.Allow ? new Permit(request) : null, policy.Name, audited);
            }
        }

        return new AuthorizationDecision(Permit: null, AuthorizationDecision.DefaultSource, audited);
    }

    private static List<string>? FindAudited(AuthorizationPolicy[] policies, AuthorizationRequest request)
    {
        List<string>? audited = null;
        foreach (var policy in policies)
        {
            if (policy.Action == AuthorizationAction.Audit && policy.Matches(request))
            {
                (audited ??= []).Add(policy.Name);
            }
        }

        return audited;
    }
}
