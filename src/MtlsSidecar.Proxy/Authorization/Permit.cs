namespace MtlsSidecar.Proxy.Authorization;

/// <summary>
/// Proof that a request was allowed. Only the decision point makes one, and whatever forwards asks for it, so that forwarding without
/// asking does not compile.
/// </summary>
internal sealed class Permit
{
    internal Permit(AuthorizationRequest request) => Request = request;

    /// <summary>What was allowed, and nothing else.</summary>
    public AuthorizationRequest Request { get; }
}
