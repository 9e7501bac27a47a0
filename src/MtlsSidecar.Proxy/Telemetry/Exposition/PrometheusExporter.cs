using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Telemetry.Exposition;

/// <summary>Turns what a collection gathered into text. Runs inside the collection, where the points stand still.</summary>
internal sealed class PrometheusExporter(int maxLength) : BaseExporter<Metric>
{
    /// <summary>The text of the last collection.</summary>
    public byte[] Text { get; private set; } = [];

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var text = new PrometheusText(maxLength);
        foreach (var metric in batch)
        {
            text.Add(metric);
        }

        Text = text.ToUtf8();
        return ExportResult.Success;
    }
}
