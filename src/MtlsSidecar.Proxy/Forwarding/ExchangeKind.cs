using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Tells exchanges that may rightly be silent for long: WebSocket, gRPC and event streams.</summary>
internal static class ExchangeKind
{
    private const string Grpc = "application/grpc";
    private const string EventStream = "text/event-stream";

    /// <summary>By the request.</summary>
    public static bool MayBeSilent(HttpContext context)
        => context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || Is(context.Request.ContentType, Grpc);

    /// <summary>By the response.</summary>
    public static bool MayBeSilent(HttpResponseMessage response)
        => response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols
        || (response.Content.Headers.TryGetValues(HeaderNames.ContentType, out var types)
            && types.Any(type => Is(type, Grpc) || Is(type, EventStream)));

    private static bool Is(string? contentType, string expected) => contentType is not null && contentType.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
}
