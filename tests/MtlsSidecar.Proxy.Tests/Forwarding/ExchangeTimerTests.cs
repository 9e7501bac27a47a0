using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Proxy.Tests.Forwarding;

public sealed class ExchangeTimerTests : IDisposable
{
    private static readonly TimeSpan Header = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);
    private readonly ManualTimeProvider _time = new();
    private readonly CancellationTokenSource _caller = new();
    private readonly ExchangeTimer _timer;

    public ExchangeTimerTests() => _timer = new ExchangeTimer(Header, Idle, _time, mayBeSilent: false, _caller.Token);

    public void Dispose()
    {
        _timer.Dispose();
        _caller.Dispose();
    }

    [Fact]
    public void SilenceWhileSending_EndsAtTheIdleLimit()
    {
        _time.Advance(Idle - TimeSpan.FromSeconds(1));
        _timer.Token.IsCancellationRequested.Should().BeFalse();

        _time.Advance(TimeSpan.FromSeconds(2));

        _timer.HasExpired.Should().BeTrue();
        _timer.Token.IsCancellationRequested.Should().BeTrue();
    }

    [Fact]
    public void ListenerThatThrowsAtTheEnd_DoesNotReachTheTimersThread()
    {
        using var registration = _timer.Token.Register(() => throw new InvalidOperationException("defect"));

        FluentActions.Invoking(() => _time.Advance(Idle + TimeSpan.FromSeconds(1))).Should().NotThrow();

        _timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void BytesWhileSending_PutTheEndOff()
    {
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Idle - TimeSpan.FromSeconds(1));
            _timer.Touch();
        }

        _timer.Token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public void WaitForHeaders_EndsAtItsOwnShorterLimit()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        _timer.RequestSent();

        _time.Advance(Header - TimeSpan.FromSeconds(1));
        _timer.Touch();
        _timer.Token.IsCancellationRequested.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));

        _timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void WaitForHeadersThatBeginsLate_StillHasItsLimit()
    {
        // The timer was armed for the idle limit and would fire earlier than the headers' time is up.
        _time.Advance(Idle - TimeSpan.FromSeconds(10));
        _timer.RequestSent();

        _time.Advance(Header - TimeSpan.FromSeconds(1));
        _timer.Token.IsCancellationRequested.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));

        _timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void ResponseThatBegan_HasTheIdleLimitAgain()
    {
        _timer.RequestSent();
        _time.Advance(Header - TimeSpan.FromSeconds(1));
        _timer.ResponseBegan();

        _time.Advance(Idle - TimeSpan.FromSeconds(1));
        _timer.Token.IsCancellationRequested.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));

        _timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void TimerTurnedOff_NeverEnds()
    {
        _timer.RequestSent();
        _timer.TurnOff();

        _time.Advance(TimeSpan.FromDays(2));

        _timer.Token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public void SilenceWhileSendingAtLeisure_EndsNothingButTheWaitForHeadersDoes()
    {
        using var timer = new ExchangeTimer(Header, Idle, _time, mayBeSilent: true, _caller.Token);
        _time.Advance(TimeSpan.FromDays(2));
        timer.RequestSent();

        _time.Advance(Header - TimeSpan.FromSeconds(1));
        timer.Token.IsCancellationRequested.Should().BeFalse();
        _time.Advance(TimeSpan.FromSeconds(2));

        timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void OrdinaryResponseToARequestAtLeisure_HasTheIdleLimit()
    {
        using var timer = new ExchangeTimer(Header, Idle, _time, mayBeSilent: true, _caller.Token);
        timer.ResponseBegan();

        _time.Advance(Idle + TimeSpan.FromSeconds(1));

        timer.HasExpired.Should().BeTrue();
    }

    [Fact]
    public void RequestThatEndsAfterItsResponseBegan_PutsNoLimitOnHeadersAgain()
    {
        _timer.TurnOff();
        _timer.RequestSent();
        _timer.ResponseBegan();

        _time.Advance(TimeSpan.FromDays(2));

        _timer.Token.IsCancellationRequested.Should().BeFalse();
    }

    [Fact]
    public async Task CallerThatLeaves_CancelsWithoutExpiry()
    {
        await _caller.CancelAsync();

        _timer.Token.IsCancellationRequested.Should().BeTrue();
        _timer.HasExpired.Should().BeFalse();
    }
}
