using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Telemetry.Exposition;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// Gathers metrics for Prometheus always, and sends metrics and traces over OTLP when a standard <c>OTEL_EXPORTER_OTLP_…ENDPOINT</c>
/// variable is set. Without one nothing is traced, and trace context passes through untouched.
/// </summary>
internal sealed class SidecarTelemetry : IDisposable
{
    /// <summary>The name of our own activities.</summary>
    public const string ActivitySourceName = "MtlsSidecar";

    private static readonly TimeSpan DefaultShutdownTimeout = TimeSpan.FromSeconds(2);
    private static readonly string[] Meters =
        [SidecarMetrics.MeterName, "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    /// <summary>
    /// Three that repeat our own count and duration of each request, moves of a client's connection between idle and busy, and a queue that
    /// Kestrel hardly has: together they cost some six percent of a request's CPU.
    /// </summary>
    private static readonly FrozenSet<string> LeftOut = FrozenSet.Create(
        StringComparer.Ordinal,
        "http.client.request.duration",
        "http.client.active_requests",
        "http.client.request.time_in_queue",
        "http.client.open_connections",
        "kestrel.queued_requests");

    /// <summary>
    /// Combinations of labels of one instrument; what comes beyond is counted together. The SDK makes room for all of them at once: its own 2,000
    /// were a third of what a start allocates. So only those get more whose labels others choose: status codes in both directions, issuers of CRLs.
    /// </summary>
    private const int CardinalityLimit = 500;
    private const int LargeCardinalityLimit = 1100;
    private static readonly FrozenSet<string> LargeInstruments = FrozenSet.Create(
        StringComparer.Ordinal, SidecarMetrics.Requests, SidecarMetrics.CrlEntries, SidecarMetrics.CrlNextUpdate);

    private static readonly string[] ActivitySources = [ActivitySourceName, "Microsoft.AspNetCore", "System.Net.Http", "Yarp.ReverseProxy"];

    private readonly MeterProvider _meters;
    private readonly TracerProvider? _traces;
    private readonly int _shutdownMilliseconds;

    public SidecarTelemetry(SidecarOptions options, IMeterFactory meterFactory, OpenTelemetrySettings settings, TimeSpan? shutdownTimeout = null)
    {
        _shutdownMilliseconds = (int)(shutdownTimeout ?? DefaultShutdownTimeout).TotalMilliseconds;
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService(options.Name, serviceVersion: BuildVersion.Text)
            .AddAttributes(OperatorsResource(settings));
        _meters = BuildMeters(resource, meterFactory, settings);
        _traces = settings.SendsTraces ? BuildTraces(resource, settings) : null;
    }

    /// <summary>The metrics for a scraper.</summary>
    public PrometheusReader Prometheus { get; } = new();

    /// <summary>Sends what is left, for a bounded time: a dead collector must not hold up the end.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(_shutdownMilliseconds);
        _meters.Shutdown(_shutdownMilliseconds);
        _traces?.Dispose();
        _meters.Dispose();
    }

    private MeterProvider BuildMeters(ResourceBuilder resource, IMeterFactory meterFactory, OpenTelemetrySettings settings)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.Configuration))
            .SetResourceBuilder(resource)
            .AddMeter(Meters)
            .AddReader(Prometheus)

            // The SDK listens by name across the process; a second sidecar in it must not count into this one.
            .AddView(instrument => IsOurs(instrument, meterFactory) && !LeftOut.Contains(instrument.Name)
                ? new MetricStreamConfiguration { CardinalityLimit = LargeInstruments.Contains(instrument.Name) ? LargeCardinalityLimit : CardinalityLimit }
                : MetricStreamConfiguration.Drop);
        return (settings.SendsMetrics ? builder.AddOtlpExporter(UseNoProxy) : builder).Build();
    }

    private static bool IsOurs(Instrument instrument, IMeterFactory meterFactory)
        => instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meterFactory);

    private static TracerProvider BuildTraces(ResourceBuilder resource, OpenTelemetrySettings settings)
        => Sdk.CreateTracerProviderBuilder()
            .ConfigureServices(services => services.AddSingleton(settings.Configuration))
            .SetResourceBuilder(resource)
            .AddSource(ActivitySources)
            .AddOtlpExporter(UseNoProxy)
            .Build();

    /// <summary>The application's <c>http_proxy</c> is this very sidecar; our own clients never go through it.</summary>
    private static void UseNoProxy(OtlpExporterOptions options) => options.HttpClientFactory = () =>
        new HttpClient(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null })
        {
            Timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds),
        };

    /// <summary>What the operator says by the standard variables wins over the sidecar's own name.</summary>
    private static Dictionary<string, object> OperatorsResource(OpenTelemetrySettings settings)
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var pair in (settings.Configuration["OTEL_RESOURCE_ATTRIBUTES"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, var value])
            {
                attributes[name] = Uri.UnescapeDataString(value);
            }
        }

        if (settings.Configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } serviceName)
        {
            attributes["service.name"] = serviceName;
        }

        return attributes;
    }
}
