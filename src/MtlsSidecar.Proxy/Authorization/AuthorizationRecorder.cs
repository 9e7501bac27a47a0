using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>Counts decisions and logs those that somebody will ask about: denied, and audited.</summary>
internal sealed partial class AuthorizationRecorder(SidecarMetrics metrics, ILogger<AuthorizationRecorder> logger)
{
    private const int MaxPathLength = 512;

    /// <summary>Records a decision about a new request; asking again about one in flight is not recorded.</summary>
    public void Record(AuthorizationRequest request, in AuthorizationDecision decision)
    {
        var isAllowed = decision.Permit is not null;
        metrics.AuthorizationDecided(isAllowed ? AuthorizationAction.Allow : AuthorizationAction.Deny, decision.Source);
        if (!isAllowed)
        {
            Log.Denied(logger, request.Listener, request.Peer.Name, request.Method, PathOf(request), decision.Source);
        }

        foreach (var policy in decision.Audited)
        {
            metrics.AuthorizationDecided(AuthorizationAction.Audit, policy);
            Log.Audited(logger, request.Listener, request.Peer.Name, request.Method, PathOf(request), policy);
        }
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
