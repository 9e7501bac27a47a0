using System.Buffers;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// Header names as applications see them. CGI, WSGI, PHP and their like fold case and turn separators into underscores, so that
/// <c>X_Forwarded.Client-Cert</c> arrives there as the very header that we vouch for.
/// </summary>
internal static class HeaderName
{
    // RFC 9110 §5.6.2.
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~");

    /// <summary>Whether the name is a token. Kestrel lets others through, in HTTP/2 even names with line breaks.</summary>
    public static bool IsToken(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    /// <summary>What a header of this name, or of one that an application can't tell from it, would claim.</summary>
    public static HeaderClaim Classify(string name) => name.Length switch
    {
        _ when IsRewriting(name) => HeaderClaim.Rewriting,
        9 when IsSpelling(name, "forwarded") => HeaderClaim.Forwarding,
        11 when IsSpelling(name, "client-cert") => HeaderClaim.Identity,
        14 when IsDisguise(name, "content-length") => HeaderClaim.DisguisedFraming,
        15 when IsSpelling(name, "x-forwarded-for") => HeaderClaim.Forwarding,
        16 when IsSpelling(name, "x-forwarded-host") => HeaderClaim.Forwarding,
        17 when IsSpelling(name, "x-forwarded-proto") => HeaderClaim.Forwarding,
        17 when IsSpelling(name, "client-cert-chain") => HeaderClaim.Identity,
        17 when IsDisguise(name, "transfer-encoding") => HeaderClaim.DisguisedFraming,
        23 when IsDisguise(name, "x-forwarded-client-cert") => HeaderClaim.Identity,
        23 when IsSpelling(name, "x-forwarded-client-cert") => HeaderClaim.ForwardedClientCert,
        _ => HeaderClaim.None,
    };

    /// <summary>
    /// What frameworks and the proxies before them use to overrule the request line (Symfony, Rails, ASP.NET, IIS's URL rewriting, Traefik):
    /// the policies judge that line.
    /// </summary>
    private static bool IsRewriting(string name) => name.Length switch
    {
        13 => IsSpelling(name, "x-http-method") || IsSpelling(name, "x-rewrite-url"),
        14 => IsSpelling(name, "x-original-url") || IsSpelling(name, "x-original-uri"),
        15 => IsSpelling(name, "x-forwarded-ssl") || IsSpelling(name, "x-forwarded-uri"),
        16 => IsSpelling(name, "x-forwarded-port") || IsSpelling(name, "x-forwarded-path"),
        17 => IsSpelling(name, "x-method-override") || IsSpelling(name, "x-original-method"),
        18 => IsSpelling(name, "x-forwarded-prefix") || IsSpelling(name, "x-forwarded-method") || IsSpelling(name, "x-forwarded-scheme"),
        22 => IsSpelling(name, "x-http-method-override"),
        _ => false,
    };

    /// <summary>Whether the name is the canonical one in any case, with any separator in place of each hyphen.</summary>
    private static bool IsSpelling(string name, string canonical)
    {
        for (var i = 0; i < canonical.Length; i++)
        {
            var matches = canonical[i] == '-' ? !char.IsAsciiLetterOrDigit(name[i]) : (name[i] | 0x20) == canonical[i];
            if (!matches)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDisguise(string name, string canonical)
        => IsSpelling(name, canonical) && !name.Equals(canonical, StringComparison.OrdinalIgnoreCase);
}
