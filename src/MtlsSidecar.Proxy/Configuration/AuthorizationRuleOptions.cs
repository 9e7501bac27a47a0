using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>A rule of a policy: matches when one of <see cref="From"/> and one of <see cref="To"/> do.</summary>
[NotEmpty]
public sealed class AuthorizationRuleOptions
{
    /// <summary>Who asks. Absent: any validated peer.</summary>
    [NotEmpty]
    public List<RuleSourceOptions>? From { get; init; }

    /// <summary>What is asked for. Absent: anything.</summary>
    [NotEmpty]
    public List<RuleOperationOptions>? To { get; init; }
}
