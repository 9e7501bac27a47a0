using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.EndToEnd.Tests.Harness;

public sealed class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void TimersFireInOrder_EachAtTheTimeItWasDue()
    {
        var fired = new List<(string, TimeSpan)>();
        var start = _time.GetUtcNow();
        using var late = _time.CreateTimer(_ => fired.Add(("late", _time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = _time.CreateTimer(_ => fired.Add(("often", _time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(6));

        fired.Should().Equal(("often", TimeSpan.FromSeconds(2)), ("often", TimeSpan.FromSeconds(4)), ("late", TimeSpan.FromSeconds(5)), ("often", TimeSpan.FromSeconds(6)));
    }

    [Fact]
    public void NextTimer_FiresAloneEvenWhenItStartsAnother()
    {
        var fired = new List<string>();
        using var outer = _time.CreateTimer(_ => Start(), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        var start = _time.GetUtcNow();

        _time.AdvanceToNextTimer();

        fired.Should().Equal("outer");
        _time.GetUtcNow().Should().Be(start.AddSeconds(5));
        _time.AdvanceToNextTimer();
        fired.Should().Equal("outer", "inner");

        void Start()
        {
            fired.Add("outer");
            _ = _time.CreateTimer(_ => fired.Add("inner"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        }
    }

    [Fact]
    public void DisposedTimer_DoesNotFire()
    {
        var fired = 0;
        var timer = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        timer.Dispose();
        _time.Advance(TimeSpan.FromSeconds(10));

        fired.Should().Be(1);
        timer.Change(TimeSpan.Zero, TimeSpan.Zero).Should().BeFalse();
    }

    [Fact]
    public async Task Delay_EndsWhenTheClockIsMoved()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), _time);
        delay.IsCompleted.Should().BeFalse();

        _time.Advance(TimeSpan.FromMinutes(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
