using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Proxy.Tests.Telemetry;

/// <summary>Failures are loud, and never flood the log.</summary>
public sealed class OcspLogTests : IDisposable
{
    private const string Url = "http://ocsp.test/";
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddSingleton(SampleConfiguration.With().Options!)
        .AddSidecarTelemetry()
        .AddSingleton(new OpenTelemetrySettings(new Hashtable()))
        .BuildServiceProvider();

    private readonly ManualTimeProvider _clock = new();
    private readonly RecordingLogger _lines = new();
    private readonly OcspLog _log;

    public OcspLogTests() => _log = new OcspLog(_services.GetRequiredService<SidecarMetrics>(), _clock, _lines);

    public void Dispose() => _services.Dispose();

    [Fact]
    public void FailingResponder_GetsALineAtOnceAndThenOneEveryHalfMinute()
    {
        for (var second = 0; second < 60; second++)
        {
            _log.Failed(Url, $"0{second}", "connection refused");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        _lines.Lines.Should().Equal(
            $"Warning OCSP responder {Url} gave no usable answer about 00: connection refused (0 more since the last such line)",
            $"Warning OCSP responder {Url} gave no usable answer about 030: connection refused (29 more since the last such line)");
    }

    [Fact]
    public void OtherResponder_HasLinesOfItsOwn()
    {
        _log.Failed(Url, "01", "connection refused");
        _log.Failed("http://other.test/", "01", "connection refused");

        _lines.Lines.Should().HaveCount(2);
    }

    [Fact]
    public void Recovery_IsToldOnceAndTheNextFailureAtOnce()
    {
        _log.Answered(Url, RevocationStatus.Good);
        _log.Failed(Url, "01", "connection refused");
        _log.Answered(Url, RevocationStatus.Good);
        _log.Answered(Url, RevocationStatus.Good);
        _log.Failed(Url, "01", "connection refused");

        _lines.Lines.Select(line => line.Split(' ')[0]).Should().Equal("Warning", "Information", "Warning");
    }

    private sealed class RecordingLogger : ILogger<OcspLog>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}
