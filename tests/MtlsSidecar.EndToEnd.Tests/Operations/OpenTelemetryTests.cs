using System.Collections.Concurrent;
using System.Net.Http.Json;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Operations;

/// <summary>With the standard variable set, metrics and traces go to the collector, and our spans are part of the caller's trace.</summary>
public sealed class OpenTelemetryTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "b7ad6b7169203331";

    [Fact]
    public async Task MetricsAndSpans_ReachTheCollectorAndTheSpansTheApplication()
    {
        var received = new ConcurrentDictionary<string, ConcurrentQueue<byte[]>>();
        await using var collector = ScriptedHttpServer.Start(request =>
        {
            received.GetOrAdd(request.Head.Split(' ')[1], _ => new()).Enqueue(request.Body);
            return request.AnswerAsync([]);
        });
        using var pki = new WorkloadPki();
        await using var application = await HttpApplication.StartAsync();
        var settings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(application.Address).Allow(WorkloadPki.SpiffeId("web"));
        await using var sidecar = await SidecarProcess.StartAsync(settings, new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{collector.Endpoint}",
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
            ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
        });

        using var client = MtlsClient.Create(pki, pki.Web);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Inbound, "/traced"));
        request.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-{CallersSpan}-01");
        request.Headers.TryAddWithoutValidation("tracestate", "vendor=1");
        using var response = await client.SendAsync(request);
        var echo = (await response.Content.ReadFromJsonAsync<Echo>())!;

        var parent = echo.Header("traceparent").Should().ContainSingle().Which.Split('-');
        parent[1].Should().Be(TraceId);
        parent[2].Should().NotBe(CallersSpan);
        echo.Header("tracestate").Should().Equal("vendor=1");
        await Eventually.HoldsAsync(() => HasArrived("/v1/traces", Convert.FromHexString(parent[2])), "the span that the application was told of is in a trace");
        HasArrived("/v1/traces", Convert.FromHexString(TraceId)).Should().BeTrue();
        // The span of the request ends after the one of the call to the application, so an export can fall between the two.
        await Eventually.HoldsAsync(() => HasArrived("/v1/traces", Convert.FromHexString(CallersSpan)), "the caller's span is the parent of ours");
        await Eventually.HoldsAsync(() => HasArrived("/v1/metrics", "mtls_sidecar.requests"u8), "metrics arrive");
        await Eventually.HoldsAsync(() => HasArrived("/v1/metrics", "orders"u8), "they say whose they are");

        bool HasArrived(string path, ReadOnlySpan<byte> bytes)
        {
            foreach (var body in received.GetOrAdd(path, _ => new()))
            {
                if (body.AsSpan().IndexOf(bytes) >= 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
