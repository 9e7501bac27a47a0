using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Headers that are meant for one connection only because <c>Connection</c> names them (RFC 9110 §7.6.1). YARP drops the well-known ones;
/// these it forwards. They go before our own headers are set, or <c>Connection: X-Forwarded-Client-Cert</c> would take ours away.
/// </summary>
internal static class HopByHopHeaders
{
    /// <summary>Removes the request headers that <c>Connection</c> names.</summary>
    public static void RemoveNamedByConnection(IHeaderDictionary headers)
    {
        foreach (var line in headers.Connection)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var option = line.AsSpan(range).Trim(" \t");
                if (!IsKept(option))
                {
                    headers.Remove(option.ToString());
                }
            }
        }
    }

    /// <summary>Removes the response headers that <c>Connection</c> names; to be called before they are copied.</summary>
    public static void RemoveNamedByConnection(HttpResponseMessage response)
    {
        if (!response.Headers.NonValidated.TryGetValues(HeaderNames.Connection, out var lines))
        {
            return;
        }

        foreach (var name in NamesIn(lines))
        {
            // Removing a name that belongs into the other collection would throw.
            if (response.Headers.NonValidated.Contains(name))
            {
                response.Headers.Remove(name);
            }
            else if (response.Content.Headers.NonValidated.Contains(name))
            {
                response.Content.Headers.Remove(name);
            }
        }
    }

    private static IEnumerable<string> NamesIn(HeaderStringValues lines)
    {
        foreach (var line in lines)
        {
            // A name that is no token can't have been accepted as a header, and asking for it would throw.
            foreach (var option in line.Split(',', StringSplitOptions.TrimEntries).Where(option => !IsKept(option) && HeaderName.IsToken(option)))
            {
                yield return option;
            }
        }
    }

    /// <summary>
    /// Whether the option is none, or one that YARP handles itself, or names a field that routes and frames the message and is
    /// meant for every recipient: a sender must not name those, and obeying would corrupt the message.
    /// </summary>
    private static bool IsKept(ReadOnlySpan<char> option) => option.Length switch
    {
        0 => true,
        2 => Is(option, HeaderNames.TE),
        4 => Is(option, HeaderNames.Host),
        5 => Is(option, "close"),
        7 => Is(option, HeaderNames.Upgrade),
        10 => Is(option, HeaderNames.Connection) || Is(option, HeaderNames.KeepAlive),
        14 => Is(option, HeaderNames.ContentLength),
        17 => Is(option, HeaderNames.TransferEncoding),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<char> option, string name) => option.Equals(name, StringComparison.OrdinalIgnoreCase);
}
