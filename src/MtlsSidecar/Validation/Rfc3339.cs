using System.Globalization;
using System.Text.RegularExpressions;

namespace MtlsSidecar.Validation;

/// <summary>Times as options have them: RFC 3339 §5.6 and nothing looser, as 11/10/2026 would be another day to half of the readers.</summary>
internal static partial class Rfc3339
{
    private const int MaxFraction = 7;

    /// <summary>Reads a time.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static DateTimeOffset Parse(string text)
    {
        var match = Form().Match(text);

        // A leap second counts as the one before it: certificates know none (X.680 §46.3), and neither does the platform.
        var seconds = match.Groups["second"].Value is "60" ? "59" : match.Groups["second"].Value;
        var fraction = match.Groups["fraction"].Value;
        var offset = match.Groups["offset"].Value is "z" or "Z" ? "+00:00" : match.Groups["offset"].Value;
        var normal = $"{match.Groups["date"]}T{match.Groups["minute"]}:{seconds}.{(fraction.Length > MaxFraction ? fraction[..MaxFraction] : fraction).PadRight(MaxFraction, '0')}{offset}";
        return match.Success && DateTimeOffset.TryParseExact(normal, "yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new FormatException($"at: '{text}' is not an RFC 3339 time such as 2026-11-22T12:00:00Z");
    }

    [GeneratedRegex(@"\A(?<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ](?<minute>[0-9]{2}:[0-9]{2}):(?<second>[0-9]{2})(\.(?<fraction>[0-9]+))?(?<offset>[Zz]|[+-][0-9]{2}:[0-9]{2})\z")]
    private static partial Regex Form();
}
