namespace MtlsSidecar.Proxy.Configuration;

/// <summary>
/// <c>Sidecar:Authorization</c>: who may do what, over inbound requests and inbound tunnels. Nothing that allows means denied. Reloaded
/// without a restart.
/// </summary>
public sealed class AuthorizationOptions
{
    /// <summary>The policies; their order means nothing, Deny wins over Allow. Default none, which denies everything.</summary>
    public List<AuthorizationPolicyOptions> Policies { get; init; } = [];
}
