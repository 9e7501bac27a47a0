using System.Globalization;
using System.Text.RegularExpressions;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>A scrape in Prometheus' text format.</summary>
public sealed partial class MetricsText(string text)
{
    public string Text { get; } = text;

    /// <summary>The names of all samples.</summary>
    public IReadOnlySet<string> Names { get; } = Samples(text).Select(sample => sample.Name).ToHashSet();

    /// <summary>The sum of the samples of this name that have all of these labels; 0 if there is none.</summary>
    public double Sum(string name, params (string Label, string Value)[] labels) => Samples(Text)
        .Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value))
        .Sum(sample => sample.Value);

    private static IEnumerable<(string Name, Dictionary<string, string> Labels, double Value)> Samples(string text)
    {
        foreach (Match match in SampleLine().Matches(text))
        {
            var labels = Label().Matches(match.Groups["labels"].Value)
                .ToDictionary(label => label.Groups["name"].Value, label => label.Groups["value"].Value);
            yield return (match.Groups["name"].Value, labels, double.Parse(match.Groups["value"].Value.Replace("+Inf", "Infinity"), CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^"}]|"([^"\\]|\\.)*")*)\})? (?<value>[0-9eE.+\-]+|NaN|[+-]Inf)""", RegexOptions.Multiline)]
    private static partial Regex SampleLine();

    [GeneratedRegex("""(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\.)*)["]""")]
    private static partial Regex Label();
}
