using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.ProxyHeaders;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Tests.Listeners;

/// <summary>Behind a load balancer the PROXY header and TLS share one deadline.</summary>
public sealed class HandshakeObserverTests : IDisposable
{
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().AddSingleton<SidecarMetrics>().BuildServiceProvider();
    private readonly RecentRefusals _refusals = new();
    private readonly ManualTimeProvider _clock = new();
    private readonly Pipe _input = new();
    private readonly ObservedConnection _connection = new() { RemoteEndPoint = IPEndPoint.Parse("127.0.0.1:40000") };
    private readonly TaskCompletionSource _tlsStarted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HandshakeObserverTests() => _connection.Transport = new DuplexPipe(_input.Reader, new Pipe().Writer);

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task HeaderAndTlsTogetherLongerThanTheTimeout_AreCut()
    {
        var running = Observer().OnConnectionAsync(_connection, HandshakeThatNeverEnds);
        _clock.Advance(HandshakeTimeout / 2);
        await SendHeaderAsync();
        await _tlsStarted.Task.WaitAsync(Limit);

        _clock.Advance(HandshakeTimeout / 2);

        await running.WaitAsync(Limit);
        _refusals.Snapshot().Single().Reason.Should().Be(RejectionReason.DeadlineExceeded);
    }

    [Fact]
    public async Task PeerThatCameInTime_IsNotCutWhenTheTimeIsOver()
    {
        var running = Observer().OnConnectionAsync(_connection, HandshakeThatNeverEnds);
        await SendHeaderAsync();
        await _tlsStarted.Task.WaitAsync(Limit);
        _connection.Features.Get<PendingHandshake>()!.Presented = PresentedChain.From(MtlsSidecar.TestKit.Pki.TestAuthority.CreateRoot("Foo Root").Certificate, []);

        _clock.Advance(HandshakeTimeout);

        _connection.IsAborted.Should().BeFalse();
        _connection.Abort();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task PeerThatWasAdmitted_IsNotCutWhenTheTimeIsOver()
    {
        var running = Observer().OnConnectionAsync(_connection, HandshakeThatNeverEnds);
        await SendHeaderAsync();
        await _tlsStarted.Task.WaitAsync(Limit);
        var handshake = _connection.Features.Get<PendingHandshake>()!;
        handshake.Presented = PresentedChain.From(MtlsSidecar.TestKit.Pki.TestAuthority.CreateRoot("Foo Root").Certificate, []);

        // The gate lets go of the chain once there is a verdict.
        handshake.Presented = null;
        _clock.Advance(HandshakeTimeout);

        _connection.IsAborted.Should().BeFalse();
        _connection.Abort();
        await running.WaitAsync(Limit);
    }

    [Fact]
    public async Task ConnectionThatBeginsWithTls_GoesNoFurther()
    {
        var running = Observer().OnConnectionAsync(_connection, HandshakeThatNeverEnds);

        // Whoever reaches the load balancer's network would otherwise come in without a word on whose connection it is.
        await _input.Writer.WriteAsync(Convert.FromHexString("1603010200010001FC0303000102030405"));

        await running.WaitAsync(Limit);
        _connection.IsAborted.Should().BeTrue();
        _tlsStarted.Task.IsCompleted.Should().BeFalse();
    }

    [Fact]
    public async Task Handshake_CountsAgainstTheClientThatTheHeaderNames()
    {
        var running = Observer().OnConnectionAsync(_connection, HandshakeThatNeverEnds);
        var handshake = _connection.Features.Get<PendingHandshake>()!;
        handshake.Address.Should().BeNull("the load balancer stands for all clients");

        await SendHeaderAsync();
        await _tlsStarted.Task.WaitAsync(Limit);

        handshake.Address.Should().Be(IPAddress.Parse("198.51.100.7"));
        _connection.Abort();
        await running.WaitAsync(Limit);
    }

    private async Task HandshakeThatNeverEnds(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        _tlsStarted.SetResult();
        await closed.Task;
    }

    private async Task SendHeaderAsync()
        => await _input.Writer.WriteAsync(ProxyHeaderWriter.Write(IPEndPoint.Parse("198.51.100.7:40000"), IPEndPoint.Parse("203.0.113.1:443"), facts: null));

    private HandshakeObserver Observer()
    {
        var metrics = _services.GetRequiredService<SidecarMetrics>();
        var recorder = new RefusalRecorder(metrics, _refusals, _clock, NullLogger<RefusalRecorder>.Instance);
        var listener = new SidecarListener(ListenerRole.Inbound, "Inbound", EndpointAddress.Parse("https://127.0.0.1:8443"));
        var ledger = new HandshakeLedger(listener, () => new InboundLimits(HandshakeTimeout, 10, 10), (recorder, metrics, _clock, NullLogger.Instance));
        return new HandshakeObserver(ledger, [IPNetwork.Parse("127.0.0.0/8")], HandshakeTimeout, _clock);
    }

    /// <summary>Tells at once that it was aborted: <c>ConnectionClosed</c> follows on another thread.</summary>
    private sealed class ObservedConnection : DefaultConnectionContext
    {
        private volatile bool _isAborted;

        public bool IsAborted => _isAborted;

        public override void Abort(ConnectionAbortedException abortReason)
        {
            _isAborted = true;
            base.Abort(abortReason);
        }
    }

    private sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
