using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Http;

/// <summary>
/// A request target (RFC 9112 §3.2) that every component reads alike: the text that is forwarded and the path that policies judge come
/// from one reading, and a target with two plausible readings is refused. Percent-encoding is undone once: to an application that
/// decodes a second time, <c>%252e</c> is a dot, to us and to RFC 3986 §2.4 it never is.
/// </summary>
internal sealed class RequestTarget
{
    /// <summary>The longest target in characters; Kestrel's own limit for a request line.</summary>
    public const int MaxLength = 8 * 1024;

    /// <summary>Stands in <see cref="DecodedPath"/> for <c>%2f</c>. Nothing else can put it there, <c>%00</c> being refused.</summary>
    public const char EscapedSlash = '\0';

    private const int StackLimit = 512;

    // RFC 3986 §3.3. '[' and ']', '|', '^' and their like, '#' and everything outside ASCII must come escaped.
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/%");

    // RFC 3986 §3.4, and the brackets of ?a[]=1, which browsers and other clients send as they are. Nothing judges a query.
    private static readonly SearchValues<char> QueryCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/?%[]");

    // RFC 3986 §3.2.2 without user information (RFC 9110 §4.2.4: treat as an error) and without escapes, which no host name needs.
    private static readonly SearchValues<char> AuthorityCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:[]");

    private RequestTarget(string? authority, string rawPathAndQuery, string rawPath, (string Path, string? WithoutStrayBytes) decoded)
    {
        Authority = authority;
        RawPathAndQuery = rawPathAndQuery;
        RawPath = rawPath;
        (DecodedPath, PathWithoutStrayBytes) = decoded;
    }

    /// <summary>Host and port of an absolute-form target, which outrank the Host header (RFC 9112 §3.2.2); null in origin-form.</summary>
    public string? Authority { get; }

    /// <summary>What is forwarded, byte for byte as received; starts with a slash.</summary>
    public string RawPathAndQuery { get; }

    /// <summary>The path as received, without query: printable ASCII, fit for a log.</summary>
    public string RawPath { get; }

    /// <summary>
    /// The path that policies judge: percent-decoded once, escaped slashes as <see cref="EscapedSlash"/>. UTF-8, and what isn't UTF-8 by itself
    /// byte for byte as Latin-1.
    /// </summary>
    public string DecodedPath { get; }

    /// <summary>The same without the bytes that aren't UTF-8, as an application may read it that drops them; null when there are none.</summary>
    public string? PathWithoutStrayBytes { get; }

    /// <summary>Reads a target in origin-form or absolute-form; any other form, and any doubtful spelling, is refused.</summary>
    /// <param name="rawTarget">The target as received, e.g. <c>IHttpRequestFeature.RawTarget</c>.</param>
    /// <param name="method">The method: <c>OPTIONS</c> of an absolute-form target without path asks about the server, not about <c>/</c>.</param>
    /// <param name="escapedSlashes">Whether <c>%2f</c> is let through.</param>
    /// <param name="target">The target.</param>
    /// <param name="error">What is wrong, for the log; the caller is told no more than <c>bad_target</c>.</param>
    public static bool TryParse(
        string rawTarget,
        string method,
        EscapedSlashes escapedSlashes,
        [NotNullWhen(true)] out RequestTarget? target,
        [NotNullWhen(false)] out string? error)
    {
        target = null;
        if (rawTarget.Length > MaxLength)
        {
            error = "longer than 8 KiB";
            return false;
        }

        error = SplitAuthority(rawTarget, method, out var authority, out var pathAndQuery);
        if (error is not null)
        {
            return false;
        }

        var queryStart = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = queryStart < 0 ? pathAndQuery : pathAndQuery[..queryStart];
        if (path.AsSpan().ContainsAnyExcept(PathCharacters) || pathAndQuery.AsSpan(path.Length).ContainsAnyExcept(QueryCharacters))
        {
            error = "a character that RFC 3986 does not allow in path or query";
            return false;
        }

        error = DecodePath(path, escapedSlashes, out var decoded)
            ?? CheckQuery(pathAndQuery.AsSpan(path.Length))
            ?? (HasDotSegment(decoded.Path) || HasDotSegment(decoded.WithoutStrayBytes) ? "a dot segment" : null);
        if (error is not null)
        {
            return false;
        }

        target = new RequestTarget(authority, pathAndQuery, path, decoded);
        return true;
    }

    private static string? SplitAuthority(string rawTarget, string method, out string? authority, out string pathAndQuery)
    {
        authority = null;
        pathAndQuery = rawTarget;
        if (rawTarget.StartsWith('/'))
        {
            return null;
        }

        var start = rawTarget.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? "http://".Length
            : rawTarget.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? "https://".Length
            : -1;
        if (start < 0)
        {
            return "neither origin-form nor absolute-form";
        }

        var rest = rawTarget.AsSpan(start);
        var length = rest.IndexOfAny('/', '?');
        authority = (length < 0 ? rest : rest[..length]).ToString();
        if (authority.Length == 0 || authority.AsSpan().ContainsAnyExcept(AuthorityCharacters))
        {
            return "a malformed authority";
        }

        // RFC 9112 §3.2.4: this is OPTIONS * in the clothes of a proxy request.
        if (length < 0 && method == "OPTIONS")
        {
            return "OPTIONS of the server as a whole";
        }

        // RFC 9112 §3.2.1: an empty path is sent as a slash.
        pathAndQuery = length < 0 ? "/" : rest[length] == '?' ? $"/{rest[length..]}" : rest[length..].ToString();
        return null;
    }

    private static string? CheckQuery(ReadOnlySpan<char> query)
    {
        for (var i = query.IndexOf('%'); i >= 0;)
        {
            if (!TryReadEscape(query[i..], out var value))
            {
                return "a malformed escape";
            }

            if (value == 0)
            {
                return "an escaped NUL";
            }

            var next = query[(i + 3)..].IndexOf('%');
            i = next < 0 ? -1 : i + 3 + next;
        }

        return null;
    }

    private static string? DecodePath(string path, EscapedSlashes escapedSlashes, out (string Path, string? WithoutStrayBytes) decoded)
    {
        decoded = (path, null);
        if (!path.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        var bytes = path.Length <= StackLimit ? stackalloc byte[StackLimit] : new byte[path.Length];
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var value = (byte)path[i];
            if (value == '%')
            {
                if (!TryReadEscape(path.AsSpan(i), out value))
                {
                    return "a malformed escape";
                }

                i += 2;
                switch (value)
                {
                    case 0:
                        return "an escaped NUL";
                    case (byte)'\\':
                        return "an escaped backslash";
                    case (byte)'/' when escapedSlashes != EscapedSlashes.Forward:
                        return "an escaped slash";
                    case (byte)'/':
                        value = (byte)EscapedSlash;
                        break;
                }
            }

            bytes[length++] = value;
        }

        if (Utf8.IsValid(bytes[..length]))
        {
            decoded = (Encoding.UTF8.GetString(bytes[..length]), null);
            return null;
        }

        if (HoldsOverlongForm(bytes[..length]))
        {
            return "an overlong form of UTF-8";
        }

        decoded = DecodeStrayBytes(bytes[..length]);
        return null;
    }

    /// <summary>
    /// Whether lenient decoders could find another character in the bytes than is there: %c0%ae for a dot, %e0%80%af for a slash, and so on to
    /// the six bytes of RFC 2279. None of these forms is valid UTF-8 (RFC 3629 §3).
    /// </summary>
    private static bool HoldsOverlongForm(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            var next = i + 1 < bytes.Length ? bytes[i + 1] : (byte)0;
            var isOverlong = bytes[i] switch
            {
                // Some decoders don't even look whether a continuation follows.
                0xc0 or 0xc1 => true,
                0xe0 => next is >= 0x80 and <= 0x9f,
                0xf0 => next is >= 0x80 and <= 0x8f,
                0xf8 => next is >= 0x80 and <= 0x87,
                0xfc => next is >= 0x80 and <= 0x83,
                _ => false,
            };
            if (isOverlong)
            {
                return true;
            }
        }

        return false;
    }

    private static (string Path, string WithoutStrayBytes) DecodeStrayBytes(ReadOnlySpan<byte> bytes)
    {
        var (path, without) = (new StringBuilder(bytes.Length), new StringBuilder(bytes.Length));
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done)
            {
                path.Append(rune.ToString());
                without.Append(rune.ToString());
            }
            else
            {
                path.Append(Encoding.Latin1.GetString(bytes[..consumed]));
            }

            bytes = bytes[consumed..];
        }

        return (path.ToString(), without.ToString());
    }

    private static bool TryReadEscape(ReadOnlySpan<char> text, out byte value)
    {
        value = 0;
        if (text.Length < 3 || !char.IsAsciiHexDigit(text[1]) || !char.IsAsciiHexDigit(text[2]))
        {
            return false;
        }

        value = (byte)((HexValue(text[1]) << 4) | HexValue(text[2]));
        return true;
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;

    /// <summary>
    /// Whether a segment is <c>.</c> or <c>..</c>, also with parameters: servlet containers strip them before they resolve dots, so
    /// <c>/public/..;/admin</c> would climb. An escaped slash ends a segment here because the application may take it for a slash.
    /// </summary>
    private static bool HasDotSegment(ReadOnlySpan<char> path)
    {
        if (!path.Contains('.'))
        {
            return false;
        }

        foreach (var range in path.SplitAny('/', EscapedSlash))
        {
            var segment = path[range];
            var parameters = segment.IndexOf(';');
            if ((parameters < 0 ? segment : segment[..parameters]) is "." or "..")
            {
                return true;
            }
        }

        return false;
    }
}
