using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>Holds the policies in force. A reload swaps them whole: a request is judged by the old set or the new one, never by a mixture.</summary>
internal sealed class AuthorizationState
{
    private volatile AuthorizationPolicySet _current;

    public AuthorizationState(AuthorizationOptions options) => _current = Compile(options);

    /// <summary>Decides by the policies in force.</summary>
    public AuthorizationDecision Decide(AuthorizationRequest request) => _current.Decide(request);

    /// <summary>Puts new policies in force.</summary>
    public void Update(AuthorizationPolicySet policies) => _current = policies;

    /// <summary>Makes policies ready to be put in force.</summary>
    /// <exception cref="FormatException">One of them can't be matched.</exception>
    public static AuthorizationPolicySet Compile(AuthorizationOptions options) => new(options.Policies.Select(AuthorizationPolicy.From));
}
