using System.Buffers;
using System.Text;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>
/// The ways in which applications read one path: some merge slashes, some strip <c>;parameters</c>, some ignore case, some take an escaped
/// slash for a slash, some drop bytes that aren't UTF-8 or read them in a character set of their own. A Deny is matched against all of them, in
/// any combination: <c>//ADMIN;x</c> must not slip past <c>/admin</c>.
/// </summary>
internal static class PathReadings
{
    // Nothing in such a path can be read in two ways; most paths are such.
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789/-._~!$&'()*+,=:@ ");

    /// <summary>Stands for any text outside ASCII: which one, nobody knows who doesn't know the application's character set.</summary>
    private const char AnyText = '\ufffd';

    /// <summary>The readings of a target's path.</summary>
    public static string[] Of(RequestTarget target) => target.PathWithoutStrayBytes is { } without
        ? [.. Of(target.DecodedPath), .. Of(Blur(target.DecodedPath)), .. Of(without), .. Of(ReadAsTurkish(target.DecodedPath))]
        : Of(target.DecodedPath);

    /// <summary>The readings of a path, folded to one case, without duplicates.</summary>
    /// <param name="decodedPath">The path of a <see cref="RequestTarget"/>.</param>
    public static string[] Of(string decodedPath)
    {
        if (!decodedPath.AsSpan().ContainsAnyExcept(Plain) && !decodedPath.Contains("//", StringComparison.Ordinal))
        {
            return [decodedPath];
        }

        var readings = new List<string>(capacity: 8);
        AddReadings(readings, Fold(decodedPath));
        if (decodedPath.Contains(RequestTarget.EscapedSlash, StringComparison.Ordinal))
        {
            AddReadings(readings, Fold(decodedPath.Replace(RequestTarget.EscapedSlash, '/')));
        }

        return [.. readings.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Folds case as the widest of readers do. What some of them take for an ASCII letter (Unicode's case folding, Java's
    /// <c>equalsIgnoreCase</c>) and .NET does not, is taken for it here: long s, dotted I and dotless i.
    /// </summary>
    public static string Fold(string path) => path.ToUpperInvariant().ToLowerInvariant()
        .Replace('\u017f', 's').Replace('\u0130', 'i').Replace('\u0131', 'i');

    /// <summary>In ISO 8859-9 two of Latin-1's letters are dotless i and dotted I, which <see cref="Fold"/> takes for an i.</summary>
    private static string ReadAsTurkish(string path) => path.Replace('\u00fd', '\u0131').Replace('\u00dd', '\u0130');

    /// <summary>Makes each run of characters outside ASCII one that stands for any such run.</summary>
    public static string Blur(string path)
    {
        if (Ascii.IsValid(path))
        {
            return path;
        }

        var blurred = new StringBuilder(path.Length);
        foreach (var character in path)
        {
            if (char.IsAscii(character))
            {
                blurred.Append(character);
            }
            else if (blurred.Length == 0 || blurred[^1] != AnyText)
            {
                blurred.Append(AnyText);
            }
        }

        return blurred.ToString();
    }

    /// <summary>Makes each run of slashes one.</summary>
    public static string MergeSlashes(string path)
    {
        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return path;
        }

        var merged = new StringBuilder(path.Length);
        foreach (var character in path)
        {
            if (character != '/' || merged.Length == 0 || merged[^1] != '/')
            {
                merged.Append(character);
            }
        }

        return merged.ToString();
    }

    /// <summary>Cuts each segment at its first semicolon (RFC 3986 §3.3).</summary>
    public static string StripParameters(string path)
        => path.Contains(';', StringComparison.Ordinal)
            ? string.Join('/', path.Split('/').Select(segment => segment.Split(';')[0]))
            : path;

    private static void AddReadings(List<string> readings, string path)
    {
        var stripped = StripParameters(path);
        readings.AddRange([path, MergeSlashes(path), stripped, MergeSlashes(stripped)]);
    }
}
