using MtlsSidecar.Proxy.Telemetry.Exposition;
using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Tests.Telemetry.Exposition;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("kestrel.active_connections", "{connection}", MetricType.LongSumNonMonotonic, "kestrel_active_connections")]
    [InlineData("http.client.request.duration", "s", MetricType.Histogram, "http_client_request_duration_seconds")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", MetricType.LongSum, "dotnet_gc_heap_total_allocated_bytes_total")]
    [InlineData("tunnel.bytes", "By", MetricType.LongSum, "tunnel_bytes_total")]
    [InlineData("requests_total", "", MetricType.LongSum, "requests_total")]
    [InlineData("cache.hits", "1", MetricType.DoubleGauge, "cache_hits_ratio")]
    [InlineData("cache.hits", "1", MetricType.LongSum, "cache_hits_total")]
    [InlineData("9 lives//ä", "", MetricType.LongGauge, "_9_lives_")]
    public void MetricName_IsLegalAndSaysItsUnit(string name, string unit, MetricType type, string expected)
        => PrometheusNames.OfMetric(name, unit, type).Should().Be(expected);

    [Theory]
    [InlineData("server.address", "server_address")]
    [InlineData("a:b", "a_b")]
    [InlineData("1st", "_1st")]
    [InlineData("", "_")]
    public void LabelName_IsLegal(string name, string expected) => PrometheusNames.OfLabel(name).Should().Be(expected);
}
