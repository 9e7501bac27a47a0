using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>A policy, ready to be matched. Immutable.</summary>
/// <param name="Name">Shown in logs and metrics, never to peers.</param>
/// <param name="Action">What a match does.</param>
/// <param name="Rules">One of them must match.</param>
internal sealed record AuthorizationPolicy(string Name, AuthorizationAction Action, IReadOnlyList<AuthorizationRule> Rules)
{
    /// <summary>Reads a policy from the configuration.</summary>
    /// <exception cref="FormatException">Something in it can't be matched; the configuration's rules report that with its key.</exception>
    public static AuthorizationPolicy From(AuthorizationPolicyOptions options)
        => new(options.Name, options.Action, [.. options.Rules.Select(rule => new AuthorizationRule(PrincipalsOf(rule.From), OperationsOf(rule.To)))]);

    /// <summary>The same policy without the rules that are about other peers.</summary>
    public AuthorizationPolicy For(PeerIdentity peer) => this with { Rules = [.. Rules.Where(rule => rule.Concerns(peer))] };

    /// <summary>
    /// Whether the request matches, for a peer whom the rules concern. An Allow must match to the letter; a Deny, and an Audit that may
    /// be a Deny on trial, matches whenever the request may be meant.
    /// </summary>
    public bool Matches(AuthorizationRequest request)
    {
        foreach (var rule in Rules)
        {
            if (rule.Operations is null)
            {
                return true;
            }

            foreach (var operation in rule.Operations)
            {
                if (Action == AuthorizationAction.Allow ? operation.Matches(request) : operation.MayMatch(request))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static List<IdentityPattern>? PrincipalsOf(List<RuleSourceOptions>? sources)
    {
        NotEmpty(sources, "From");
        sources?.ForEach(source => NotEmpty(source.Principals, "Principals"));

        // Sources are ORed: one that names nobody is about everybody.
        return sources is null || sources.Exists(source => source.Principals is null) ? null : [.. sources.SelectMany(source => source.Principals!)];
    }

    private static List<OperationPattern>? OperationsOf(List<RuleOperationOptions>? operations)
    {
        NotEmpty(operations, "To");
        return operations?.ConvertAll(operation => new OperationPattern
        {
            Methods = NotEmpty(operation.Methods, "Methods"),
            Paths = NotEmpty(operation.Paths, "Paths")?.ConvertAll(path => new PathPattern(path)),
            Listeners = NotEmpty(operation.Listeners, "Listeners"),
        });
    }

    /// <summary>An empty list would match nothing, which is no Deny at all, or everything, which is no Allow: it is neither.</summary>
    private static List<T>? NotEmpty<T>(List<T>? list, string name)
        => list is { Count: 0 } ? throw new FormatException($"{name} is empty; leave it out to match all.") : list;
}
