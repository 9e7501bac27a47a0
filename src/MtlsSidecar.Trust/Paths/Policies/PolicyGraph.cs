using MtlsSidecar.Trust.Paths.Extensions;

namespace MtlsSidecar.Trust.Paths.Policies;

/// <summary>
/// The valid policies of a path, certificate by certificate, as RFC 9618 §5 orders it: one node per policy and certificate with edges
/// between them. The tree of RFC 5280 §6.1.2 says the same, but grows exponentially under mappings that a hostile authority chooses.
/// Only the lowest level is ever extended, so upper nodes without children are left standing and not looked at again.
/// </summary>
internal sealed class PolicyGraph
{
    public const string AnyPolicy = "2.5.29.32.0";

    /// <summary>The nodes of the lowest certificate so far; null when no policy is left.</summary>
    private Dictionary<string, PolicyNode>? _level = new() { [AnyPolicy] = new PolicyNode(AnyPolicy, []) };

    /// <summary>Whether no policy is left (<c>valid_policy_graph</c> is NULL).</summary>
    public bool IsEmpty => _level is null;

    /// <summary>RFC 5280 §6.1.3(d) and (e): adds a certificate's policies.</summary>
    /// <param name="policies">What it asserts; null for nothing.</param>
    /// <param name="anyPolicyCounts">Whether its anyPolicy is still heeded.</param>
    public void Descend(IReadOnlyList<PolicyInformation>? policies, bool anyPolicyCounts)
    {
        if (_level is null || policies is null)
        {
            _level = null;
            return;
        }

        var byExpected = NodesByExpectedPolicy(_level);
        _level.TryGetValue(AnyPolicy, out var any);
        var next = new Dictionary<string, PolicyNode>();
        foreach (var policy in policies.Select(information => information.Policy))
        {
            if (policy == AnyPolicy)
            {
                continue;
            }

            if (byExpected.TryGetValue(policy, out var parents))
            {
                next[policy] = new PolicyNode(policy, parents);
            }
            else if (any is not null)
            {
                next[policy] = new PolicyNode(policy, [any]);
            }
        }

        if (anyPolicyCounts && policies.Any(information => information.Policy == AnyPolicy))
        {
            foreach (var (expected, parents) in byExpected)
            {
                next.TryAdd(expected, new PolicyNode(expected, parents));
            }
        }

        _level = next.Count == 0 ? null : next;
    }

    /// <summary>RFC 5280 §6.1.4(b)(1): lets the next certificate call policies by its own names.</summary>
    public void Map(IReadOnlyList<PolicyMapping> mappings)
    {
        if (_level is null)
        {
            return;
        }

        _level.TryGetValue(AnyPolicy, out var any);
        foreach (var group in mappings.GroupBy(mapping => mapping.IssuerPolicy, mapping => mapping.SubjectPolicy))
        {
            if (!_level.TryGetValue(group.Key, out var node) && any is not null)
            {
                node = _level[group.Key] = new PolicyNode(group.Key, any.Parents);
            }

            if (node is not null)
            {
                node.Expected = group.ToHashSet();
            }
        }
    }

    /// <summary>RFC 5280 §6.1.4(b)(2): drops mapped policies where mapping is inhibited.</summary>
    public void DropMapped(IReadOnlyList<PolicyMapping> mappings)
    {
        foreach (var mapping in mappings)
        {
            _level?.Remove(mapping.IssuerPolicy);
        }

        if (_level is { Count: 0 })
        {
            _level = null;
        }
    }

    /// <summary>RFC 9618 §5.5 (the new §6.1.5(g)): the policies, in the anchor's words, for which the path is valid and that the user accepts.</summary>
    /// <param name="accepted">The user-initial-policy-set; empty for any policy.</param>
    public IReadOnlySet<string> ConstrainedTo(IReadOnlyCollection<string> accepted)
    {
        var named = new HashSet<string>();
        if (_level is null)
        {
            return named;
        }

        var visited = new HashSet<PolicyNode>(ReferenceEqualityComparer.Instance);
        var pending = new Stack<PolicyNode>(_level.Values);
        while (pending.TryPop(out var node))
        {
            if (node.Policy == AnyPolicy || !visited.Add(node))
            {
                continue;
            }

            foreach (var parent in node.Parents)
            {
                if (parent.Policy == AnyPolicy)
                {
                    named.Add(node.Policy);
                }
                else
                {
                    pending.Push(parent);
                }
            }
        }

        var isAny = _level.ContainsKey(AnyPolicy);
        if (accepted.Count == 0 || accepted.Contains(AnyPolicy))
        {
            if (isAny)
            {
                named.Add(AnyPolicy);
            }

            return named;
        }

        return accepted.Where(policy => isAny || named.Contains(policy)).ToHashSet();
    }

    private static Dictionary<string, List<PolicyNode>> NodesByExpectedPolicy(Dictionary<string, PolicyNode> level)
    {
        var nodes = new Dictionary<string, List<PolicyNode>>();
        foreach (var node in level.Values)
        {
            foreach (var expected in node.Expected)
            {
                if (!nodes.TryGetValue(expected, out var list))
                {
                    nodes[expected] = list = [];
                }

                list.Add(node);
            }
        }

        return nodes;
    }
}
