using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MtlsSidecar.Proxy.Http;

/// <summary>The method of a request as the application will see it.</summary>
internal static class RequestMethod
{
    /// <summary>
    /// The method that policies judge. WebSocket over HTTP/2 arrives as extended CONNECT and stands for the <c>GET</c> of HTTP/1.1
    /// (RFC 8441 §5): it is judged as <c>GET</c>, so that a policy means the same over either version.
    /// </summary>
    public static string ForJudging(HttpContext context)
        => IsExtendedConnectForWebSocket(context) ? HttpMethods.Get : context.Request.Method;

    /// <summary>Whether the request opens a WebSocket over HTTP/2 (RFC 8441 §4).</summary>
    public static bool IsExtendedConnectForWebSocket(HttpContext context)
        => context.Request.Method == HttpMethods.Connect
            && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true } connect
            && string.Equals(connect.Protocol, "websocket", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Whether the method reaches the application as it was received. Methods are case-sensitive (RFC 9110 §9.1), yet YARP and
    /// <see cref="HttpClient"/> turn <c>get</c> into <c>GET</c>: judged as one, forwarded as the other.
    /// </summary>
    public static bool IsForwardedAsReceived(string method) => HttpMethod.Parse(method).Method == method;
}
