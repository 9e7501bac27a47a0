using System.Net;
using Microsoft.AspNetCore.Http;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Tells the requests of a web page that a browser on this machine shows from those of the local application. The page may be anybody's, and an
/// upstream's own port asks for nothing that a page couldn't send.
/// </summary>
/// <remarks>
/// Browsers state the page's relation to the address in <c>Sec-Fetch-Site</c> (W3C Fetch Metadata), which no script can set, for loopback
/// addresses also over http. Other clients don't send it, unless they pass on a browser's request; then they mostly keep its host as well.
/// </remarks>
internal static class ForeignPage
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>Whether the request comes from a page of another site. Fails closed: a value that nobody knows is another site.</summary>
    public static bool IsBehind(HttpRequest request)
        => request.Headers.TryGetValue(FetchSite, out var site)
            && !(site.Count == 1 && site[0] is "same-origin" or "none")
            && IsLoopback(request.Host.Host);

    private static bool IsLoopback(string host)
        => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
