using System.Net;
using System.Text;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>What is the same for every client that forwards: requests and answers pass as they are, and go nowhere else.</summary>
internal static class ForwardingHandler
{
    /// <summary>Makes a handler without proxy, redirects, cookies and decompression; header values keep their bytes.</summary>
    /// <param name="connectTimeout">Time for a new connection, its handshake included.</param>
    public static SocketsHttpHandler Create(TimeSpan connectTimeout) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,

        // The caller's own trace context passes through untouched; we are no hop of it unless tracing is on.
        ActivityHeadersPropagator = null,
        ConnectTimeout = connectTimeout,
        EnableMultipleHttp2Connections = true,
    };
}
