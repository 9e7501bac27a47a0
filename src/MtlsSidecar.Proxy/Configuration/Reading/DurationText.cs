using System.Globalization;
using System.Text.RegularExpressions;

namespace MtlsSidecar.Proxy.Configuration.Reading;

/// <summary>
/// Durations as <c>[days.]hh:mm:ss[.fraction]</c>, nothing else: the platform reads <c>30</c> as 30 days and <c>24:00:00</c> as 24 days.
/// </summary>
internal static partial class DurationText
{
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        return Form().IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value);
    }

    /// <summary>A duration that must be well formed, such as the end of a range.</summary>
    /// <exception cref="FormatException">The text is not a duration.</exception>
    public static TimeSpan Parse(string text)
        => TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is not a duration.");

    [GeneratedRegex(@"\A(?:[0-9]{1,5}\.)?(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,7})?\z")]
    private static partial Regex Form();
}
