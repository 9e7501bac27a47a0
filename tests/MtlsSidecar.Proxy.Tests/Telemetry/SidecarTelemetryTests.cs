using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;

namespace MtlsSidecar.Proxy.Tests.Telemetry;

public sealed class SidecarTelemetryTests
{
    [Fact]
    public void WithoutTheStandardVariable_NothingIsTracedOrSent()
    {
        var settings = new OpenTelemetrySettings(new Hashtable { ["OTEL_SERVICE_NAME"] = "x", ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "" });
        using var services = Services(settings);
        services.GetRequiredService<SidecarTelemetry>();

        (settings.SendsMetrics, settings.SendsTraces).Should().Be((false, false));
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", true, false)]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", true, true)]
    public void EndpointOfOneSignal_SendsThatSignalOnly(string variable, bool metrics, bool traces)
    {
        var settings = new OpenTelemetrySettings(new Hashtable { [variable] = "http://127.0.0.1:1" });

        (settings.SendsMetrics, settings.SendsTraces).Should().Be((metrics, traces));
    }

    [Theory]
    [InlineData("http/protobuf")]
    [InlineData("grpc")]
    public async Task WithTheStandardVariable_MetricsAndTracesReachTheCollector(string protocol)
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await StartCollectorAsync(received, protocol == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);

        var settings = new OpenTelemetrySettings(new Hashtable
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Urls.Single(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = protocol,
            ["OTEL_RESOURCE_ATTRIBUTES"] = "service.namespace=shop%20floor",
            ["OTEL_SERVICE_NAME"] = "renamed",
        });
        using (var source = new ActivitySource(SidecarTelemetry.ActivitySourceName))
        using (var services = Services(settings))
        {
            services.GetRequiredService<SidecarTelemetry>();
            services.GetRequiredService<SidecarMetrics>().Reloaded("trust", succeeded: true);
            source.StartActivity("probe-activity")!.Dispose();
        }

        var metrics = received.Single(request => request.Key.Contains("metrics", StringComparison.OrdinalIgnoreCase)).Value;
        metrics.Should().Contain("mtls_sidecar.reloads").And.Contain("renamed").And.Contain("shop floor");
        received.Single(request => request.Key.Contains("trace", StringComparison.OrdinalIgnoreCase)).Value.Should().Contain("probe-activity");
    }

    private static ServiceProvider Services(OpenTelemetrySettings settings) => new ServiceCollection()
        .AddSingleton(SampleConfiguration.With().Options!)
        .AddSidecarTelemetry()
        .AddSingleton(settings)

        // What is sent at the end has two seconds; a busy machine may need longer for the first request to a new server.
        .AddSingleton(services => new SidecarTelemetry(
            services.GetRequiredService<SidecarOptions>(), services.GetRequiredService<IMeterFactory>(), settings, TimeSpan.FromSeconds(30)))
        .BuildServiceProvider();

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentDictionary<string, string> received, HttpProtocols protocol)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocol));
        var app = builder.Build();
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received[context.Request.Path] = Encoding.UTF8.GetString(body.ToArray());
            context.Response.ContentType = context.Request.ContentType;
            if (protocol == HttpProtocols.Http2)
            {
                context.Response.AppendTrailer("grpc-status", "0");
            }
        });
        await app.StartAsync();
        return app;
    }
}
