using Microsoft.Extensions.DependencyInjection;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>
/// What the sidecar tells about itself: metrics for Prometheus and OTLP, traces over OTLP. Never decides anything, and never waits for
/// whoever listens.
/// </summary>
internal static class TelemetryServices
{
    /// <summary>Adds <see cref="SidecarMetrics"/> and <see cref="PrometheusEndpoint"/>. Needs <c>SidecarOptions</c>.</summary>
    public static IServiceCollection AddSidecarTelemetry(this IServiceCollection services) => services
        .AddMetrics()
        .AddSingleton(new OpenTelemetrySettings(Environment.GetEnvironmentVariables()))
        .AddSingleton<SidecarMetrics>()
        .AddSingleton<SidecarTelemetry>()
        .AddSingleton<PrometheusEndpoint>();
}
