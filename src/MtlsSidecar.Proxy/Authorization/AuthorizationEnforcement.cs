using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>
/// The enforcement point: asks the decision point about a new request and keeps account of the answer. What was denied or audited is
/// logged with the policy, which the peer is never told.
/// </summary>
internal sealed partial class AuthorizationEnforcement(AuthorizationState state, SidecarMetrics metrics, ILogger<AuthorizationEnforcement> logger)
{
    private const int MaxPathLength = 512;

    /// <summary>The permit for the request, or null: it must not be forwarded.</summary>
    public Permit? Authorize(AuthorizationRequest request)
    {
        var decision = state.Decide(request);
        metrics.AuthorizationDecided(decision.Permit is null ? AuthorizationAction.Deny : AuthorizationAction.Allow, decision.Source);
        if (decision.Permit is null)
        {
            Log.Denied(logger, request.Listener, request.Peer.Name, request.Method, PathOf(request), decision.Source);
        }

        foreach (var policy in decision.Audited)
        {
            metrics.AuthorizationDecided(AuthorizationAction.Audit, policy);
            Log.Audited(logger, request.Listener, request.Peer.Name, request.Method, PathOf(request), policy);
        }

        return decision.Permit;
    }

    private static string? PathOf(AuthorizationRequest request)
        => request.Target?.RawPath is { Length: > MaxPathLength } path ? path[..MaxPathLength] + "…" : request.Target?.RawPath;

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Warning, "{Listener} {Peer} {Method} {Path} denied by policy {Policy}", EventName = nameof(Denied))]
        public static partial void Denied(ILogger logger, string listener, string peer, string? method, string? path, string policy);

        [LoggerMessage(6002, LogLevel.Information, "{Listener} {Peer} {Method} {Path} matches audit policy {Policy}", EventName = nameof(Audited))]
        public static partial void Audited(ILogger logger, string listener, string peer, string? method, string? path, string policy);
    }
}
