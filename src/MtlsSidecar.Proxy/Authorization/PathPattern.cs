using System.Text;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>
/// A pattern over decoded paths: <c>*</c> is exactly one segment that isn't empty, a final <c>/*</c> any rest, the empty one included
/// (<c>/api/*</c> matches <c>/api/</c> and <c>/api/a/b</c>, but not <c>/api</c>); all else is literal. An escaped slash belongs to its
/// segment. <see cref="MatchesAnyReading"/> is wider on purpose: what allows must be meant, what denies must not be evaded.
/// </summary>
internal sealed class PathPattern
{
    private const string Wildcard = "*";
    private const string AnyRest = "/*";
    private readonly string[] _literal;
    private readonly string[][] _readings;
    private readonly bool _anyRest;

    /// <param name="text">A pattern that the configuration's rules accepted.</param>
    /// <exception cref="FormatException">It isn't a pattern.</exception>
    public PathPattern(string text)
    {
        if (!text.StartsWith('/'))
        {
            throw new FormatException($"'{text}' is no path pattern: it must start with a slash.");
        }

        _anyRest = text.EndsWith(AnyRest, StringComparison.Ordinal);
        _literal = SegmentsOf(text);
        var folded = PathReadings.Fold(text);
        var merged = PathReadings.MergeSlashes(PathReadings.StripParameters(folded));
        _readings = Ascii.IsValid(text)
            ? [SegmentsOf(folded), SegmentsOf(merged)]
            : [SegmentsOf(folded), SegmentsOf(merged), SegmentsOf(PathReadings.Blur(folded)), SegmentsOf(PathReadings.Blur(merged))];
    }

    /// <summary>Whether the path is what the pattern says, to the letter.</summary>
    public bool Matches(string decodedPath)
    {
        var rest = decodedPath.AsSpan(1);
        if (!TryTake(_literal, ref rest, out var isAtEnd, isWide: false))
        {
            return false;
        }

        return _anyRest != isAtEnd;
    }

    /// <summary>
    /// Whether any reading of the path is what the pattern says, the pattern itself being read both ways. Also with a slash at its end that
    /// the pattern lacks, or without the one that it has: many routers don't tell them apart.
    /// </summary>
    public bool MatchesAnyReading(IReadOnlyList<string> readings)
    {
        foreach (var reading in readings)
        {
            foreach (var pattern in _readings)
            {
                var rest = reading.AsSpan(1);
                if (TryTake(pattern, ref rest, out var isAtEnd, isWide: true) && (_anyRest || isAtEnd || rest.IsEmpty))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Takes the pattern's segments from the front of the path.</summary>
    private static bool TryTake(string[] segments, ref ReadOnlySpan<char> rest, out bool isAtEnd, bool isWide)
    {
        isAtEnd = false;
        for (var i = 0; i < segments.Length; i++)
        {
            var expected = segments[i];
            if (isAtEnd)
            {
                // A slash at the end of the pattern that the path lacks.
                return isWide && expected.Length == 0 && i == segments.Length - 1;
            }

            var slash = rest.IndexOf('/');
            var segment = slash < 0 ? rest : rest[..slash];
            var matches = expected == Wildcard ? isWide || !segment.IsEmpty : segment.SequenceEqual(expected);
            if (!matches)
            {
                return false;
            }

            isAtEnd = slash < 0;
            rest = isAtEnd ? [] : rest[(slash + 1)..];
        }

        return true;
    }

    /// <summary>The segments that are matched one by one, without those of any rest.</summary>
    private static string[] SegmentsOf(string pattern)
    {
        var path = pattern.EndsWith(AnyRest, StringComparison.Ordinal) ? pattern[..^AnyRest.Length] : pattern;
        return path.Length == 0 ? [] : path[1..].Split('/');
    }
}
