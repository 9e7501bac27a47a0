namespace MtlsSidecar.TestKit.Time;

/// <summary>
/// A clock that moves only when a test moves it. Timers fire on the thread that calls <see cref="Advance"/>, in the order in
/// which they fall due, and each of them sees the time at which it was due.
/// </summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;

    /// <summary>Starts at the machine's present time, so that freshly forged certificates are valid.</summary>
    public ManualTimeProvider()
        : this(DateTimeOffset.UtcNow)
    {
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on and fires everything that falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var target = GetUtcNow() + by;
        while (TakeNextDue(target) is { } due)
        {
            due.Fire();
        }

        SetUtcNow(target);
    }

    /// <summary>
    /// Moves the clock on to the next timer and fires that one alone. <see cref="Advance"/> would go on over it while what it began is under
    /// way on another thread, and fire the deadline of that as well: a request that had no time would fail now and then.
    /// </summary>
    /// <exception cref="InvalidOperationException">No timer is running.</exception>
    public void AdvanceToNextTimer()
    {
        var next = TakeNextDue(DateTimeOffset.MaxValue) ?? throw new InvalidOperationException("No timer is running.");
        next.Fire();
    }

    /// <summary>Sets the clock without firing timers, backwards too: what a wrong clock on a machine does.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate)
        {
            _now = now;
        }
    }

    internal void Schedule(ManualTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        lock (_gate)
        {
            timer.Period = period > TimeSpan.Zero ? period : null;
            timer.DueAt = dueTime == Timeout.InfiniteTimeSpan ? null : _now + dueTime;
            _timers.Remove(timer);
            if (timer.DueAt is not null)
            {
                _timers.Add(timer);
            }
        }
    }

    internal void Remove(ManualTimer timer)
    {
        lock (_gate)
        {
            _timers.Remove(timer);
        }
    }

    private ManualTimer? TakeNextDue(DateTimeOffset target)
    {
        lock (_gate)
        {
            var next = _timers.Where(timer => timer.DueAt <= target).MinBy(timer => timer.DueAt);
            if (next is null)
            {
                return null;
            }

            _now = next.DueAt!.Value > _now ? next.DueAt.Value : _now;
            next.DueAt = next.Period is { } period ? _now + period : null;
            if (next.DueAt is null)
            {
                _timers.Remove(next);
            }

            return next;
        }
    }
}
