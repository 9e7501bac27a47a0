using System.Net;
using System.Text;
using MtlsSidecar.Proxy.Telemetry;

namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>What is the same for every client that forwards: requests and answers pass as they are, and go nowhere else.</summary>
internal static class ForwardingHandler
{
    /// <summary>Makes a handler without proxy, redirects, cookies and decompression; header values keep their bytes.</summary>
    /// <param name="connectTimeout">Time for a new connection, its handshake included.</param>
    /// <param name="telemetry">Whether requests are traced.</param>
    public static SocketsHttpHandler Create(TimeSpan connectTimeout, OpenTelemetrySettings telemetry) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,

        ActivityHeadersPropagator = telemetry.Propagator,
        ConnectTimeout = connectTimeout,
        EnableMultipleHttp2Connections = true,
    };
}
