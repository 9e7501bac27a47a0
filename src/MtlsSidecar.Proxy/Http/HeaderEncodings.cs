using System.Text;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// How header values become text and bytes again. Latin-1 on every side maps each byte to one character and back, so that a value of
/// any encoding passes through unchanged; the defaults (UTF-8 in Kestrel, ASCII in <see cref="SocketsHttpHandler"/>) turn a request with
/// one accented letter into 400 or 502. The other selectors (Kestrel's responses, both of the client) need no more than Latin-1 itself.
/// </summary>
internal static class HeaderEncodings
{
    private static readonly ConnectionHeaderEncoding Connection = new();

    /// <summary>For <c>KestrelServerOptions.RequestHeaderEncodingSelector</c>.</summary>
    public static Encoding ForKestrelRequests(string name)
        => name.Equals("Connection", StringComparison.OrdinalIgnoreCase) ? Connection : Encoding.Latin1;
}
