using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>
/// Policies can match what they name: a Deny that can never match protects nothing, and one that names a listener which doesn't exist was
/// meant for another.
/// </summary>
internal sealed class PolicyRule : IConfigurationRule
{
    public void Check(SidecarOptions options, ConfigurationFindings findings)
    {
        string[] listeners =
        [
            .. options.Inbound is null ? Array.Empty<string>() : ["Inbound"],
            .. options.Tunnels.Where(tunnel => tunnel.Value.Direction == TunnelDirection.Inbound).Select(tunnel => tunnel.Key),
        ];
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var policies = options.Authorization.Policies;
        for (var index = 0; index < policies.Count; index++)
        {
            var key = $"Sidecar:Authorization:Policies:{index}";
            if (policies[index].Name is { } name && (name.Trim().Length == 0 || name.Any(char.IsControl)))
            {
                findings.Error($"{key}:Name", "must have a printable character and no control character");
            }
            else if (policies[index].Name is { } unique && !names.Add(unique))
            {
                findings.Error($"{key}:Name", $"{Quoted.Text(unique)} names another policy already");
            }

            CheckOperations(key, policies[index], listeners, findings);
        }

        if (listeners.Length > 0 && !policies.Exists(policy => policy.Action == AuthorizationAction.Allow))
        {
            findings.Warn("Sidecar:Authorization:Policies", "no policy allows anything: every inbound request and tunnel will be denied");
        }
    }

    private static void CheckOperations(string key, AuthorizationPolicyOptions policy, string[] listeners, ConfigurationFindings findings)
    {
        for (var rule = 0; rule < (policy.Rules?.Count ?? 0); rule++)
        {
            var operations = policy.Rules![rule].To;
            for (var index = 0; index < (operations?.Count ?? 0); index++)
            {
                CheckOperation($"{key}:Rules:{rule}:To:{index}", operations![index], listeners, findings);
            }
        }
    }

    private static void CheckOperation(string key, RuleOperationOptions operation, string[] listeners, ConfigurationFindings findings)
    {
        ForEach(operation.Methods, $"{key}:Methods", MethodProblem);
        ForEach(operation.Paths, $"{key}:Paths", PathPatternText.Problem);
        ForEach(operation.Listeners, $"{key}:Listeners", listener => listeners.Contains(listener, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"{Quoted.Text(listener)} is not an inbound listener{KeySuggestion.For(listener, listeners)}");

        void ForEach(List<string>? values, string list, Func<string, string?> problemOf)
        {
            for (var index = 0; index < (values?.Count ?? 0); index++)
            {
                if (problemOf(values![index]) is { } problem)
                {
                    findings.Error($"{list}:{index}", problem);
                }
            }
        }
    }

    /// <summary>Methods are case-sensitive tokens (RFC 9110 §9.1); those in use are upper case, so lower case is a mistake.</summary>
    private static string? MethodProblem(string method)
        => method.Length > 0 && method.All(character => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal)) && method != "*"
            ? null
            : $"{Quoted.Text(method)} is not an HTTP method in upper case; leave Methods out to match all";
}
