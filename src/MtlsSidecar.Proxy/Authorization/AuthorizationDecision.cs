namespace MtlsSidecar.Proxy.Authorization;

internal sealed record AuthorizationDecision(Permit? Permit, string Source);
