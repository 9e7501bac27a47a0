using System.Collections;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Telemetry;

public sealed class SidecarMetricsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private readonly ServiceProvider _services = Services();

    private SidecarMetrics Metrics => _services.GetRequiredService<SidecarMetrics>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Handshakes_AreCountedByDirectionResultAndReason()
    {
        _services.GetRequiredService<SidecarTelemetry>();
        Metrics.HandshakeAccepted(ConnectionDirection.Inbound, TimeSpan.FromMilliseconds(3));
        Metrics.HandshakeRefused(ConnectionDirection.Outbound, RejectionReason.UntrustedAnchor);
        Metrics.HandshakeRefused(ConnectionDirection.Outbound, RejectionReason.UntrustedAnchor);
        Metrics.HandshakeFailed(ConnectionDirection.Inbound, "tls");

        var lines = await ScrapeAsync();

        lines.Should().Contain(
        [
            "# TYPE mtls_sidecar_handshakes_total counter",
            "mtls_sidecar_handshakes_total{direction=\"inbound\",result=\"accepted\",reason=\"\"} 1",
            "mtls_sidecar_handshakes_total{direction=\"outbound\",result=\"rejected\",reason=\"UntrustedAnchor\"} 2",
            "mtls_sidecar_handshakes_total{direction=\"inbound\",result=\"failed\",reason=\"tls\"} 1",
            "# TYPE mtls_sidecar_handshake_duration_seconds histogram",
            "mtls_sidecar_handshake_duration_seconds_bucket{direction=\"inbound\",le=\"0.0025\"} 0",
            "mtls_sidecar_handshake_duration_seconds_bucket{direction=\"inbound\",le=\"0.005\"} 1",
            "mtls_sidecar_handshake_duration_seconds_bucket{direction=\"inbound\",le=\"10\"} 1",
            "mtls_sidecar_handshake_duration_seconds_bucket{direction=\"inbound\",le=\"+Inf\"} 1",
            "mtls_sidecar_handshake_duration_seconds_sum{direction=\"inbound\"} 0.003",
            "mtls_sidecar_handshake_duration_seconds_count{direction=\"inbound\"} 1",
        ]);
    }

    [Fact]
    public async Task EveryCounterOfTheContract_HasItsName()
    {
        _services.GetRequiredService<SidecarTelemetry>();
        Metrics.ConnectionClosed(ConnectionDirection.Inbound, "Revoked");
        Metrics.RequestAnswered(ConnectionDirection.Inbound, 200, TimeSpan.FromSeconds(2));
        Metrics.RequestAnswered(ConnectionDirection.Outbound, 999, TimeSpan.Zero);
        Metrics.AuthorizationDecided(AuthorizationAction.Deny, "default");
        Metrics.CrlRefreshed(succeeded: true);
        Metrics.OcspAnswered("good");
        Metrics.Reloaded("identity", succeeded: false);
        Metrics.TunnelCarried(ConnectionDirection.Inbound, toPeer: true, 10);
        Metrics.TunnelCarried(ConnectionDirection.Inbound, toPeer: true, 32);

        (await ScrapeAsync()).Should().Contain(
        [
            "mtls_sidecar_connections_closed_total{direction=\"inbound\",reason=\"Revoked\"} 1",
            "mtls_sidecar_requests_total{direction=\"inbound\",code=\"200\"} 1",
            "mtls_sidecar_requests_total{direction=\"outbound\",code=\"other\"} 1",
            "mtls_sidecar_request_duration_seconds_sum{direction=\"inbound\"} 2",
            "mtls_sidecar_authorization_decisions_total{decision=\"deny\",source=\"default\"} 1",
            "mtls_sidecar_crl_refresh_total{result=\"success\"} 1",
            "mtls_sidecar_ocsp_requests_total{result=\"good\"} 1",
            "mtls_sidecar_reloads_total{what=\"identity\",result=\"failure\"} 1",
            "mtls_sidecar_tunnel_bytes_total{direction=\"inbound\",way=\"to_peer\"} 42",
        ]);
    }

    [Fact]
    public async Task State_IsObservedWhenScraped()
    {
        var open = 3;
        Metrics.ObserveConnections(direction => direction == ConnectionDirection.Inbound ? open : 0);
        Metrics.ObserveCertificates(() => [new ObservedCertificate("identity", Noon)]);
        Metrics.ObserveCrls(() =>
        [
            new ObservedCrl("CN=\"A\\B\"", Noon.AddHours(1), 5),
            new ObservedCrl("CN=\"A\\B\"", Noon, 2),
            new ObservedCrl("CN=C", null, 0),
            new ObservedCrl("CN=" + new string('d', 500), null, 1),
        ]);
        Metrics.ObserveDroppedLogLines(() => 9);

        (await ScrapeAsync()).Should().Contain(
        [
            "# TYPE mtls_sidecar_connections gauge",
            "mtls_sidecar_connections{direction=\"inbound\"} 3",
            "mtls_sidecar_connections{direction=\"outbound\"} 0",
            "mtls_sidecar_certificate_not_after_timestamp_seconds{role=\"identity\"} 1800000000",
            "mtls_sidecar_crl_next_update_timestamp_seconds{issuer=\"CN=\\\"A\\\\B\\\"\"} 1800000000",
            "mtls_sidecar_crl_entries{issuer=\"CN=\\\"A\\\\B\\\"\"} 7",
            "mtls_sidecar_crl_entries{issuer=\"CN=C\"} 0",
            "mtls_sidecar_crl_entries{issuer=\"CN=" + new string('d', 197) + "\"} 1",
            "mtls_sidecar_log_dropped_total 9",
        ]);

        open = 4;
        (await ScrapeAsync()).Should().Contain("mtls_sidecar_connections{direction=\"inbound\"} 4");
    }

    [Fact]
    public async Task BuildAndRuntime_AreShown()
    {
        var lines = await ScrapeAsync();

        lines.Should().ContainMatch("mtls_sidecar_build_info{version=\"0.1.0\",runtime=\".NET 10*\"} 1");
        lines.Should().ContainMatch("dotnet_process_cpu_time_seconds_total{cpu_mode=\"user\"} *");
        lines.Should().Contain("# TYPE dotnet_gc_last_collection_heap_size_bytes gauge");
    }

    [Fact]
    public async Task AnotherSidecarInTheProcess_IsNotCountedHere()
    {
        await using var other = Services();
        _services.GetRequiredService<SidecarTelemetry>();
        other.GetRequiredService<SidecarTelemetry>();
        other.GetRequiredService<SidecarMetrics>().Reloaded("trust", succeeded: true);
        Metrics.Reloaded("configuration", succeeded: true);

        (await ScrapeAsync()).Where(line => line.StartsWith("mtls_sidecar_reloads_total", StringComparison.Ordinal)).Should()
            .Equal("mtls_sidecar_reloads_total{what=\"configuration\",result=\"success\"} 1");
    }

    [Fact]
    public async Task HeadRequest_HasTheLengthButNoBody()
    {
        var context = new DefaultHttpContext { Request = { Method = "HEAD" }, Response = { Body = new MemoryStream() } };

        await _services.GetRequiredService<PrometheusEndpoint>().WriteAsync(context);

        context.Response.ContentType.Should().Be("text/plain; version=0.0.4; charset=utf-8");
        context.Response.ContentLength.Should().BePositive();
        context.Response.Body.Length.Should().Be(0);
    }

    [Fact]
    public void CountingARequest_AllocatesNothing()
    {
        _services.GetRequiredService<SidecarTelemetry>();
        Metrics.RequestAnswered(ConnectionDirection.Inbound, 200, TimeSpan.FromSeconds(1));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var count = 0; count < 1_000; count++)
        {
            Metrics.RequestAnswered(ConnectionDirection.Inbound, 200, TimeSpan.FromSeconds(1));
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1_000);
    }

    private static ServiceProvider Services() => new ServiceCollection()
        .AddSingleton(SampleConfiguration.With().Options!)
        .AddSidecarTelemetry()
        .AddSingleton(new OpenTelemetrySettings(new Hashtable()))
        .BuildServiceProvider();

    private async Task<string[]> ScrapeAsync()
    {
        _services.GetRequiredService<SidecarMetrics>();
        var context = new DefaultHttpContext { Request = { Method = "GET" }, Response = { Body = new MemoryStream() } };
        await _services.GetRequiredService<PrometheusEndpoint>().WriteAsync(context);
        return Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()).Split('\n');
    }
}
