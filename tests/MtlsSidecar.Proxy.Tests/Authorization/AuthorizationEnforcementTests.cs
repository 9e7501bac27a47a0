using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Tests.Authorization;

public sealed class AuthorizationEnforcementTests : IDisposable
{
    private readonly RecordingLogger _log = new();
    private readonly List<string> _counted = [];
    private readonly MeterListener _listener = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();

    public AuthorizationEnforcementTests()
    {
        var metrics = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, metrics) && instrument.Name.EndsWith("authorization.decisions", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => _counted.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value))));
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Fact]
    public void AllowedRequest_IsCountedAndNotLogged()
    {
        Authorize(AuthorizationAction.Allow).Should().NotBeNull();

        _counted.Should().Equal("allow callers");
        _log.Lines.Should().BeEmpty();
    }

    [Fact]
    public void DeniedRequest_IsLoggedWithItsPolicyAndWithoutItsQuery()
    {
        Authorize(AuthorizationAction.Deny).Should().BeNull();

        _counted.Should().Equal("deny callers");
        _log.Lines.Should().Equal("Warning Inbound spiffe://foo.test/web GET /api denied by policy callers");
    }

    [Fact]
    public void AuditedRequest_IsLoggedBesideTheDecision()
    {
        Authorize(AuthorizationAction.Audit).Should().BeNull();

        _counted.Should().Equal("deny default", "audit callers");
        _log.Lines.Should().Equal(
            "Warning Inbound spiffe://foo.test/web GET /api denied by policy default",
            "Information Inbound spiffe://foo.test/web GET /api matches audit policy callers");
    }

    [Fact]
    public void LongPath_IsCutInTheLog()
    {
        Authorize(AuthorizationAction.Deny, "/" + new string('a', 2000));

        _log.Lines.Single().Length.Should().BeLessThan(700);
    }

    private Permit? Authorize(AuthorizationAction action, string target = "/api?token=secret")
    {
        var state = new AuthorizationState(new() { Policies = [new() { Name = "callers", Action = action, Rules = [new()] }] });
        SpiffeId.TryParse("spiffe://foo.test/web", out var id).Should().BeTrue();
        RequestTarget.TryParse(target, "GET", EscapedSlashes.Reject, out var parsed, out _).Should().BeTrue();
        return new AuthorizationEnforcement(state, _services.GetRequiredService<SidecarMetrics>(), _log)
            .Authorize(new AuthorizationRequest(new PeerIdentity(id, [], []), "Inbound", "GET", parsed));
    }

    private sealed class RecordingLogger : ILogger<AuthorizationEnforcement>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}
