using System.Diagnostics.Metrics;
using System.Text;
using MtlsSidecar.Proxy.Telemetry.Exposition;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace MtlsSidecar.Proxy.Tests.Telemetry.Exposition;

public sealed class PrometheusReaderTests : IDisposable
{
    private readonly Meter _meter = new("test-" + Guid.NewGuid());

    public void Dispose() => _meter.Dispose();

    [Fact]
    public async Task Labels_AreEscapedAndKeptDistinct()
    {
        using var reader = new PrometheusReader();
        using var provider = Collect(reader);
        _meter.CreateCounter<double>("c", null, "back\\slash\nand \"quote\"").Add(
            1.5, new("a.b", "x\\y\"z\nä"), new("a_b", "second"), new("n", 7), new("nothing", null));

        (await TextAsync(reader)).Should().Be(
            """
            # HELP c_total back\\slash\nand "quote"
            # TYPE c_total counter
            c_total{a_b="x\\y\"z\nä",n="7",nothing=""} 1.5

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task NumbersThatAreNone_AreSpelledAsPrometheusDoes()
    {
        using var reader = new PrometheusReader();
        using var provider = Collect(reader);
        _meter.CreateObservableGauge("g", () => new[]
        {
            new Measurement<double>(double.NaN, new KeyValuePair<string, object?>("v", "nan")),
            new Measurement<double>(double.PositiveInfinity, new KeyValuePair<string, object?>("v", "up")),
            new Measurement<double>(double.NegativeInfinity, new KeyValuePair<string, object?>("v", "down")),
            new Measurement<double>(1e21, new KeyValuePair<string, object?>("v", "big")),
        });

        (await TextAsync(reader)).Split('\n').Should().Contain(["g{v=\"nan\"} NaN", "g{v=\"up\"} +Inf", "g{v=\"down\"} -Inf", "g{v=\"big\"} 1E+21"]);
    }

    [Fact]
    public async Task NameGivenTwice_IsWrittenOnce()
    {
        using var reader = new PrometheusReader();
        using var provider = Collect(reader);
        _meter.CreateCounter<long>("same.name").Add(1);
        _meter.CreateCounter<long>("same_name").Add(2);

        var text = await TextAsync(reader);

        text.Split('\n').Count(line => line.StartsWith("# TYPE same_name_total", StringComparison.Ordinal)).Should().Be(1);
        text.Should().Contain("# 1 families were left out");
    }

    [Fact]
    public async Task FamilyBeyondTheLimit_IsLeftOutWhole()
    {
        using var reader = new PrometheusReader(maxLength: 2_000);
        using var provider = Collect(reader);
        _meter.CreateCounter<long>("small").Add(1);
        var large = _meter.CreateCounter<long>("large");
        for (var index = 0; index < 200; index++)
        {
            large.Add(1, new KeyValuePair<string, object?>("index", index));
        }

        var text = await TextAsync(reader);

        text.Should().Contain("small_total 1").And.NotContain("large_total").And.EndWith("# 1 families were left out\n");
        text.Length.Should().BeLessThan(2_100);
    }

    [Fact]
    public async Task AskersAtTheSameTime_ShareOneCollection()
    {
        using var reader = new PrometheusReader();
        using var provider = Collect(reader);
        using var release = new ManualResetEventSlim();
        var collecting = new TaskCompletionSource();
        var collections = 0;
        _meter.CreateObservableGauge("g", () =>
        {
            collecting.TrySetResult();
            release.Wait(TimeSpan.FromSeconds(30));
            return Interlocked.Increment(ref collections);
        });

        var first = reader.CollectTextAsync();
        await collecting.Task;
        var others = Enumerable.Range(0, 20).Select(_ => reader.CollectTextAsync()).ToArray();
        release.Set();
        await Task.WhenAll([first, .. others]);

        collections.Should().Be(1);
        (await TextAsync(reader)).Should().Contain("g 2");
    }

    private MeterProvider Collect(PrometheusReader reader)
        => Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddReader(reader).Build();

    private static async Task<string> TextAsync(PrometheusReader reader) => Encoding.UTF8.GetString(await reader.CollectTextAsync());
}
