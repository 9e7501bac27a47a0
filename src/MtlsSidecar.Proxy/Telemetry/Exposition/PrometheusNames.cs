using System.Text;
using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Telemetry.Exposition;

/// <summary>
/// Turns OpenTelemetry names into Prometheus names by the OpenTelemetry compatibility rules: illegal characters read as underscores, the
/// unit is spelled out at the end unless it is there, and a counter ends in <c>_total</c>.
/// </summary>
internal static class PrometheusNames
{
    /// <summary>The name of a metric's family.</summary>
    public static string OfMetric(string name, string unit, MetricType type)
    {
        var legal = Legal(name, colonAllowed: true);
        var spelled = UnitName(unit, type);
        if (spelled.Length > 0 && !legal.EndsWith("_" + spelled, StringComparison.Ordinal))
        {
            legal += "_" + spelled;
        }

        return IsCounter(type) && !legal.EndsWith("_total", StringComparison.Ordinal) ? legal + "_total" : legal;
    }

    /// <summary>The name of a label.</summary>
    public static string OfLabel(string name) => Legal(name, colonAllowed: false);

    public static bool IsCounter(MetricType type) => type is MetricType.LongSum or MetricType.DoubleSum;

    private static bool IsGauge(MetricType type) => type.IsGauge() || type is MetricType.LongSumNonMonotonic or MetricType.DoubleSumNonMonotonic;

    /// <summary>Units are UCUM codes; an annotation such as <c>{request}</c> is no unit.</summary>
    private static string UnitName(string unit, MetricType type) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "%" => "percent",
        "1" when IsGauge(type) => "ratio",
        _ => "",
    };

    private static string Legal(string name, bool colonAllowed)
    {
        var legal = new StringBuilder(name.Length + 1);
        foreach (var character in name)
        {
            var isLegal = char.IsAsciiLetterOrDigit(character) || (colonAllowed && character == ':');
            if (!isLegal && legal.Length > 0 && legal[^1] == '_')
            {
                continue;
            }

            if (legal.Length == 0 && char.IsAsciiDigit(character))
            {
                legal.Append('_');
            }

            legal.Append(isLegal ? character : '_');
        }

        return legal.Length == 0 ? "_" : legal.ToString();
    }
}
