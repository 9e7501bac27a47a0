using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>Tells exchanges that may rightly be silent for long: WebSocket, gRPC and event streams.</summary>
internal static class ExchangeKind
{
    private const string Grpc = "application/grpc";
    private const string EventStream = "text/event-stream";

    /// <summary>By the request: whether its body may come with pauses of any length. A WebSocket has no body before it is accepted.</summary>
    public static bool MayBeSilent(HttpRequest request) => Is(request.ContentType, Grpc);

    /// <summary>By the response, to the request as it was sent.</summary>
    public static bool MayBeSilent(HttpRequestMessage request, HttpResponseMessage response)
        => response.StatusCode == HttpStatusCode.SwitchingProtocols
        || IsAcceptedConnect(request, response)
        || (response.Content.Headers.TryGetValues(HeaderNames.ContentType, out var types)
            && types.Any(type => Is(type, Grpc) || Is(type, EventStream)));

    /// <summary>Over HTTP/2 a WebSocket is accepted with 2xx, not with 101 (RFC 8441 §5). A refusal is an answer like any other.</summary>
    private static bool IsAcceptedConnect(HttpRequestMessage request, HttpResponseMessage response)
        => request.Method == HttpMethod.Connect && request.Headers.Protocol is not null && response.IsSuccessStatusCode;

    private static bool Is(string? contentType, string expected) => contentType is not null && contentType.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
}
