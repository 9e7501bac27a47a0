using System.Globalization;
using System.Text;
using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Telemetry.Exposition;

/// <summary>Writes metrics in the Prometheus text format 0.0.4, one family (HELP, TYPE, all its samples) after the other.</summary>
internal sealed class PrometheusText(int maxLength)
{
    /// <summary>The SDK hands tags over sorted by name; people and their searches expect them as documented.</summary>
    private static readonly string[] LabelOrder = ["direction", "what", "decision", "result", "reason", "code", "way", "version"];

    private readonly StringBuilder _text = new();
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private int _omitted;

    /// <summary>Adds the family of a metric; one that would exceed the length or repeat a name is left out whole and counted.</summary>
    public void Add(Metric metric)
    {
        var name = PrometheusNames.OfMetric(metric.Name, metric.Unit, metric.MetricType);
        var start = _text.Length;
        if (metric.MetricType == MetricType.ExponentialHistogram || !_families.Add(name))
        {
            // The first has no place in this format; a name given twice would make the scraper refuse everything.
            _omitted++;
            return;
        }

        AddHeader(name, metric);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            AddPoint(name, metric.MetricType, in point);
            if (_text.Length > maxLength)
            {
                _text.Length = start;
                _omitted++;
                return;
            }
        }
    }

    /// <summary>The whole text.</summary>
    public byte[] ToUtf8()
    {
        if (_omitted > 0)
        {
            _text.Append(CultureInfo.InvariantCulture, $"# {_omitted} families were left out\n");
        }

        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    private void AddHeader(string name, Metric metric)
    {
        if (!string.IsNullOrEmpty(metric.Description))
        {
            _text.Append("# HELP ").Append(name).Append(' ');
            AppendEscaped(metric.Description, quote: false);
            _text.Append('\n');
        }

        var type = metric.MetricType switch
        {
            var t when PrometheusNames.IsCounter(t) => "counter",
            MetricType.Histogram => "histogram",
            _ => "gauge",
        };
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    private void AddPoint(string name, MetricType type, in MetricPoint point)
    {
        switch (type)
        {
            case MetricType.Histogram:
                AddHistogram(name, in point);
                break;
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                AddSample(name, "", in point, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                AddSample(name, "", in point, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                AddSample(name, "", in point, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                AddSample(name, "", in point, point.GetGaugeLastValueDouble());
                break;
        }
    }

    private void AddHistogram(string name, in MetricPoint point)
    {
        long cumulative = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            AddSample(name, "_bucket", in point, cumulative, Number(bucket.ExplicitBound));
        }

        AddSample(name, "_sum", in point, point.GetHistogramSum());
        AddSample(name, "_count", in point, point.GetHistogramCount());
    }

    private void AddSample(string name, string suffix, in MetricPoint point, double value, string? upperBound = null)
    {
        _text.Append(name).Append(suffix);
        var separator = '{';
        foreach (var (label, text) in LabelsOf(in point))
        {
            AppendLabel(label, text, ref separator);
        }

        if (upperBound is not null)
        {
            AppendLabel("le", upperBound, ref separator);
        }

        _text.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static IEnumerable<KeyValuePair<string, string>> LabelsOf(in MetricPoint point)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in point.Tags)
        {
            labels.TryAdd(PrometheusNames.OfLabel(tag.Key), Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
        }

        return labels.OrderBy(label => (uint)Array.IndexOf(LabelOrder, label.Key));
    }

    private void AppendLabel(string name, string value, ref char separator)
    {
        _text.Append(separator).Append(name).Append("=\"");
        AppendEscaped(value, quote: true);
        _text.Append('"');
        separator = ',';
    }

    private void AppendEscaped(string text, bool quote)
    {
        foreach (var character in text)
        {
            _ = character switch
            {
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append(@"\n"),
                '"' when quote => _text.Append("\\\""),
                _ => _text.Append(character),
            };
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
