using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace MtlsSidecar.Authority.Telemetry;

/// <summary>Gathers the counters and gauges of <see cref="AuthorityMetrics"/> and writes them in the Prometheus text format 0.0.4.</summary>
internal sealed class MetricsText : IDisposable
{
    /// <summary>The media type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<(Instrument Instrument, string Labels), StrongBox<long>> _series = new();

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == AuthorityMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Measure);
        _listener.Start();
    }

    /// <summary>All metrics as of now.</summary>
    public string Collect()
    {
        lock (_gate)
        {
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var family in _series.GroupBy(series => series.Key.Instrument).OrderBy(family => family.Key.Name, StringComparer.Ordinal))
            {
                var name = family.Key.Name.Replace('.', '_') + (family.Key.IsObservable ? "" : "_total");
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {family.Key.Description}\n# TYPE {name} {(family.Key.IsObservable ? "gauge" : "counter")}\n");
                foreach (var (key, value) in family.OrderBy(series => series.Key.Labels, StringComparer.Ordinal))
                {
                    text.Append(CultureInfo.InvariantCulture, $"{name}{key.Labels} {Interlocked.Read(ref value.Value)}\n");
                }
            }

            return text.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private void Measure(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var series = _series.GetOrAdd((instrument, Labels(tags)), _ => new StrongBox<long>());
        if (instrument.IsObservable)
        {
            Interlocked.Exchange(ref series.Value, value);
        }
        else
        {
            Interlocked.Add(ref series.Value, value);
        }
    }

    /// <summary>The values come from closed sets of ours, which need no escaping.</summary>
    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new StringBuilder();
        foreach (var tag in tags)
        {
            labels.Append(labels.Length == 0 ? '{' : ',').Append(CultureInfo.InvariantCulture, $"{tag.Key}=\"{tag.Value}\"");
        }

        return labels.Length == 0 ? "" : labels.Append('}').ToString();
    }
}
