using System.Net;

namespace MtlsSidecar.TestKit.Peers;

/// <summary>The local application's HTTP client: plain HTTP to its sidecar's outbound listener.</summary>
public static class PlainClient
{
    /// <summary>A client that speaks exactly this version; HTTP/2 in clear with prior knowledge. With a proxy it sends absolute-form targets.</summary>
    public static HttpClient Create(Version? version = null, Uri? proxy = null) =>
        new(new ExactVersion(
            version ?? HttpVersion.Version11,
            new SocketsHttpHandler { UseProxy = proxy is not null, Proxy = proxy is null ? null : new WebProxy(proxy), AllowAutoRedirect = false }))
        {
            Timeout = TimeSpan.FromSeconds(30),
        };
}
