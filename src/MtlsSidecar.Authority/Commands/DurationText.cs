using System.Globalization;

namespace MtlsSidecar.Authority.Commands;

/// <summary>Durations as people write them on a command line: <c>90s</c>, <c>30m</c>, <c>1h</c>, <c>7d</c>, or <c>00:30:00</c>.</summary>
internal static class DurationText
{
    /// <summary>Reads a duration.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000)
        {
            (duration, var isKnown) = text[^1] switch
            {
                's' => (TimeSpan.FromSeconds(count), true),
                'm' => (TimeSpan.FromMinutes(count), true),
                'h' => (TimeSpan.FromHours(count), true),
                'd' => (TimeSpan.FromDays(count), true),
                _ => (default, false),
            };
            return isKnown;
        }

        return TimeSpan.TryParseExact(text, ["c", "g"], CultureInfo.InvariantCulture, out duration);
    }
}
