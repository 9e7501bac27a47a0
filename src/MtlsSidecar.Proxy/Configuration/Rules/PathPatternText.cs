using System.Text.RegularExpressions;
using MtlsSidecar.Proxy.Configuration.Reading;

namespace MtlsSidecar.Proxy.Configuration.Rules;

/// <summary>Path patterns as written in policies: matched against the percent-decoded path, <c>*</c> is one segment, a final <c>/*</c> any rest.</summary>
internal static partial class PathPatternText
{
    /// <summary>Why the pattern could never match, or match other than meant; null for a good one.</summary>
    public static string? Problem(string pattern)
    {
        if (!pattern.StartsWith('/'))
        {
            return $"{Quoted.Text(pattern)} must start with /";
        }

        // Requests with these are answered with 400 before any policy is asked.
        if (pattern.IndexOfAny(['?', '#', '\\']) >= 0 || pattern.Any(char.IsControl))
        {
            return $"{Quoted.Text(pattern)} can't match: a path has no query, fragment, backslash or control character";
        }

        if (PercentEncoding().IsMatch(pattern))
        {
            return $"{Quoted.Text(pattern)} must be written decoded: paths are matched after percent-decoding";
        }

        foreach (var segment in pattern[1..].Split('/'))
        {
            if (segment is "." or "..")
            {
                return $"{Quoted.Text(pattern)} can't match: requests with . or .. segments are refused";
            }

            if (segment.Length > 1 && segment.Contains('*', StringComparison.Ordinal))
            {
                return $"{Quoted.Text(pattern)} has a * inside a segment; * stands for a whole segment, a final /* for any rest";
            }
        }

        return null;
    }

    [GeneratedRegex("%[0-9A-Fa-f]{2}")]
    private static partial Regex PercentEncoding();
}
