using MtlsSidecar.Trust.Paths.Policies;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>Certificate policy processing along a path (RFC 5280 §6.1 with RFC 9618), from the anchor down to the leaf.</summary>
internal sealed class PolicyRules
{
    private readonly PolicyGraph _graph = new();
    private int _explicitPolicy;
    private int _policyMapping;
    private int _inhibitAnyPolicy;

    private PolicyRules(PathOptions options)
    {
        _explicitPolicy = options.RequireExplicitPolicy ? 0 : int.MaxValue;
        _policyMapping = options.InhibitPolicyMapping ? 0 : int.MaxValue;
        _inhibitAnyPolicy = options.InhibitAnyPolicy ? 0 : int.MaxValue;
    }

    /// <summary>Gives the refusal, or null with the policies for which the path is valid.</summary>
    /// <param name="path">Leaf first, anchor last.</param>
    /// <param name="options">The user's demands.</param>
    /// <param name="policies">RFC 5280's user-constrained-policy-set.</param>
    public static PeerRejection? Check(IReadOnlyList<ParsedCertificate> path, PathOptions options, out IReadOnlySet<string> policies)
    {
        var rules = new PolicyRules(options);
        policies = new HashSet<string>();
        var first = path.Count - 1;
        if (first > 0)
        {
            if (rules.TakeAnchor(path[first]) is { } refused)
            {
                return refused;
            }

            first--;
        }

        for (var i = first; i >= 0; i--)
        {
            var refused = rules.Take(path[i], isLeaf: i == 0);
            if (refused is not null)
            {
                return refused;
            }
        }

        policies = rules._graph.ConstrainedTo(options.Policies);
        return rules._explicitPolicy > 0 || policies.Count > 0
            ? null
            : Refuse(path[0], "none of the accepted policies holds for the path", "RFC 5280 §6.1.5(g)");
    }

    /// <summary>
    /// What an anchor's certificate says of policies binds its path (RFC 5937 §3): an operator who trusts a constrained root expects its
    /// constraints to count. An anchor that names no policy asserts any, unlike other certificates.
    /// </summary>
    private PeerRejection? TakeAnchor(ParsedCertificate anchor)
    {
        if (anchor.Content.Extensions.Policies is { } policies)
        {
            _graph.Descend(policies, anyPolicyCounts: true);
        }

        return Prepare(anchor, counts: false);
    }

    private PeerRejection? Take(ParsedCertificate certificate, bool isLeaf)
    {
        var isSelfIssued = certificate.IsSelfIssued;
        _graph.Descend(certificate.Content.Extensions.Policies, _inhibitAnyPolicy > 0 || (!isLeaf && isSelfIssued));
        if (_explicitPolicy == 0 && _graph.IsEmpty)
        {
            return Refuse(certificate, "an explicit policy is required and none is left", "RFC 5280 §6.1.3(f)");
        }

        if (!isLeaf)
        {
            return Prepare(certificate, counts: !isSelfIssued);
        }

        Decrement(ref _explicitPolicy);
        if (certificate.Content.Extensions.PolicyConstraints?.RequireExplicitPolicy == 0)
        {
            _explicitPolicy = 0;
        }

        return null;
    }

    /// <summary>RFC 5280 §6.1.4(a), (b), (h), (i), (j).</summary>
    private PeerRejection? Prepare(ParsedCertificate certificate, bool counts)
    {
        var extensions = certificate.Content.Extensions;
        if (extensions.PolicyMappings is { } mappings)
        {
            if (mappings.Any(mapping => mapping.IssuerPolicy == PolicyGraph.AnyPolicy || mapping.SubjectPolicy == PolicyGraph.AnyPolicy))
            {
                return Refuse(certificate, "anyPolicy is mapped", "RFC 5280 §6.1.4(a)");
            }

            if (_policyMapping > 0)
            {
                _graph.Map(mappings);
            }
            else
            {
                _graph.DropMapped(mappings);
            }
        }

        if (counts)
        {
            Decrement(ref _explicitPolicy);
            Decrement(ref _policyMapping);
            Decrement(ref _inhibitAnyPolicy);
        }

        _explicitPolicy = Math.Min(_explicitPolicy, extensions.PolicyConstraints?.RequireExplicitPolicy ?? int.MaxValue);
        _policyMapping = Math.Min(_policyMapping, extensions.PolicyConstraints?.InhibitPolicyMapping ?? int.MaxValue);
        _inhibitAnyPolicy = Math.Min(_inhibitAnyPolicy, extensions.InhibitAnyPolicy ?? int.MaxValue);
        return null;
    }

    private static void Decrement(ref int counter)
    {
        if (counter > 0)
        {
            counter--;
        }
    }

    private static PeerRejection Refuse(ParsedCertificate certificate, string detail, string rule)
        => new(RejectionReason.PolicyConstraint, detail, rule, certificate.SubjectText);
}
