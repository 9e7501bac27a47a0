using System.Collections;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Documentation;

/// <summary>Holds the tables of metrics in docs/configuration.md to what is exposed: every metric with its labels, and no other.</summary>
public sealed partial class MetricsReferenceTests
{
    [Fact]
    public async Task EveryMetric_IsDocumentedWithItsLabels()
    {
        var documented = Row().Matches(Repository.Read("docs/configuration.md"))
            .Select(row => Describe(row.Groups["name"].Value, Word().Matches(row.Groups["labels"].Value)));

        documented.Should().BeEquivalentTo(await ExposedAsync());
    }

    [Fact]
    public void EveryReasonOfAClosedTunnel_IsDocumented()
    {
        var row = Repository.Read("docs/configuration.md").Split('\n').Single(line => line.StartsWith("| `reason` of closed tunnels |", StringComparison.Ordinal));

        Code().Matches(row).Select(code => code.Groups["code"].Value).Skip(1).Should().BeEquivalentTo(Enum.GetNames<TunnelEndReason>());
    }

    private static async Task<IEnumerable<string>> ExposedAsync()
    {
        await using var services = new ServiceCollection()
            .AddSingleton(SampleConfiguration.With().Options!)
            .AddSidecarTelemetry()
            .AddSingleton(new OpenTelemetrySettings(new Hashtable()))
            .BuildServiceProvider();
        services.GetRequiredService<SidecarTelemetry>();
        Use(services.GetRequiredService<SidecarMetrics>());
        var context = new DefaultHttpContext { Request = { Method = "GET" }, Response = { Body = new MemoryStream() } };
        await services.GetRequiredService<PrometheusEndpoint>().WriteAsync(context);
        return Sample().Matches(Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()))
            .Select(sample => Describe(HistogramSuffix().Replace(sample.Groups["name"].Value, ""), LabelName().Matches(sample.Groups["labels"].Value)))
            .Distinct();
    }

    /// <summary>A metric is exposed from its first measurement on.</summary>
    private static void Use(SidecarMetrics metrics)
    {
        metrics.HandshakeAccepted(ConnectionDirection.Inbound, TimeSpan.Zero);
        metrics.ConnectionClosed(ConnectionDirection.Inbound, nameof(RejectionReason.Revoked));
        metrics.RequestAnswered(ConnectionDirection.Inbound, StatusCodes.Status200OK, TimeSpan.Zero);
        metrics.AuthorizationDecided(AuthorizationAction.Deny, "default");
        metrics.CrlRefreshed(succeeded: true);
        metrics.OcspAnswered("good");
        metrics.Reloaded("identity", succeeded: true);
        metrics.TunnelCarried(ConnectionDirection.Inbound, toPeer: true, 1);
        metrics.TunnelClosed(ConnectionDirection.Inbound, "amqp-in", TunnelEndReason.Closed);
        metrics.ObserveConnections(_ => 0);
        metrics.ObserveCertificates(() => [new ObservedCertificate("identity", DateTimeOffset.UnixEpoch)]);
        metrics.ObserveCrls(() => [new ObservedCrl("CN=A", DateTimeOffset.UnixEpoch, 0)]);
        metrics.ObserveDroppedLogLines(() => 0);
    }

    /// <summary>Name and labels. <c>le</c> is part of every histogram.</summary>
    private static string Describe(string name, IEnumerable<Match> labels)
        => $"{name} {string.Join(' ', labels.Select(label => label.Value).Where(label => label != "le").Order(StringComparer.Ordinal))}";

    [GeneratedRegex(@"^\| `(?<name>mtls_sidecar_\w+)` \| (?<labels>[^|]*?) ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^(?<name>mtls_sidecar_\w+)(?:\{(?<labels>.*)\})? ", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();

    [GeneratedRegex(@"\w+(?=="")")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Code();
}
