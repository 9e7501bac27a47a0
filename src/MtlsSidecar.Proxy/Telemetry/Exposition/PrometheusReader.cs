using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Telemetry.Exposition;

/// <summary>
/// Collects when asked, once at a time: askers that come while a collection runs share its text, so that many scrapers cost no more than
/// one.
/// </summary>
internal sealed class PrometheusReader : BaseExportingMetricReader
{
    /// <summary>Characters of one text; ten times what a busy sidecar has to say.</summary>
    public const int DefaultMaxLength = 4 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly PrometheusExporter _exporter;
    private Task<byte[]>? _running;

    public PrometheusReader(int maxLength = DefaultMaxLength)
        : this(new PrometheusExporter(maxLength))
    {
    }

    private PrometheusReader(PrometheusExporter exporter)
        : base(exporter) => _exporter = exporter;

    /// <summary>The metrics as of now.</summary>
    public Task<byte[]> CollectTextAsync()
    {
        lock (_gate)
        {
            if (_running is null or { IsCompleted: true })
            {
                _running = Task.Run(() =>
                {
                    Collect();
                    return _exporter.Text;
                });
            }

            return _running;
        }
    }
}
