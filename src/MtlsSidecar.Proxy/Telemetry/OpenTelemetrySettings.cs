using System.Collections;
using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>The standard <c>OTEL_</c> variables, which say whether and where telemetry is sent.</summary>
internal sealed class OpenTelemetrySettings
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public OpenTelemetrySettings(IDictionary variables)
        => Configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(variables.Cast<DictionaryEntry>()
                .Where(variable => ((string)variable.Key).StartsWith(Prefix, StringComparison.Ordinal))
                .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value)))
            .Build();

    /// <summary>The variables, for the SDK.</summary>
    public IConfiguration Configuration { get; }

    /// <summary>Whether metrics are sent over OTLP.</summary>
    public bool SendsMetrics => IsSet(Endpoint) || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");

    /// <summary>Whether traces are sent over OTLP.</summary>
    public bool SendsTraces => IsSet(Endpoint) || IsSet("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");

    /// <summary>
    /// How the next one learns whose trace a request belongs to. Traced, our spans stand between the caller's and the next one's: what the
    /// caller said is replaced by them. Otherwise null: we are no hop of the trace, and what the caller said passes through untouched.
    /// </summary>
    public DistributedContextPropagator? Propagator => SendsTraces ? new ReverseProxyPropagator(DistributedContextPropagator.Current) : null;

    private bool IsSet(string variable) => !string.IsNullOrWhiteSpace(Configuration[variable]);
}
