using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Authorization;

internal sealed class AuthorizationState(AuthorizationOptions options)
{
    private AuthorizationOptions _options = options;
    public void Update(AuthorizationOptions options) => _options = options;

    public AuthorizationDecision Decide(AuthorizationRequest request)
        => new(_options.Policies.Any(policy => policy.Rules.Any(rule => rule.From is null || rule.From.Any(from => from.Principals is null || from.Principals.Any(p => p.Matches(request.Peer))))) ? new Permit() : null, "interim");
}
