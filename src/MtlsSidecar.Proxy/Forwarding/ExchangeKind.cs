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

    /// <summary>By the response.</summary>
    public static bool MayBeSilent(HttpResponseMessage response)
        => response.StatusCode == HttpStatusCode.SwitchingProtocols || IsAcceptedConnect(response) || HasSilentContent(response);

    /// <summary>Over HTTP/2 a WebSocket is accepted with 2xx, not with 101 (RFC 8441 §5). A refusal is an answer like any other.</summary>
    private static bool IsAcceptedConnect(HttpResponseMessage response)
        => response is { IsSuccessStatusCode: true, RequestMessage: { } request } && request.Method == HttpMethod.Connect && request.Headers.Protocol is not null;

    private static bool HasSilentContent(HttpResponseMessage response)
    {
        // As it came: asking for the validated values has each parsed.
        if (response.Content.Headers.NonValidated.TryGetValues(HeaderNames.ContentType, out var types))
        {
            foreach (var type in types)
            {
                if (Is(type, Grpc) || Is(type, EventStream))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool Is(string? contentType, string expected) => contentType is not null && contentType.StartsWith(expected, StringComparison.OrdinalIgnoreCase);
}
