using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>An element of <c>Sidecar:Authorization:Policies</c>.</summary>
public sealed class AuthorizationPolicyOptions
{
    /// <summary>The name shown in logs and metrics, never to peers; unique. Required.</summary>
    public required string Name { get; init; }

    /// <summary>What a match does. Required.</summary>
    public required AuthorizationAction Action { get; init; }

    /// <summary>The policy matches when one of its rules does. At least one.</summary>
    [NotEmpty]
    public required List<AuthorizationRuleOptions> Rules { get; init; }
}
