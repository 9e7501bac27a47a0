namespace MtlsSidecar.TestKit.Time;

/// <summary>A timer of <see cref="ManualTimeProvider"/>; its state is guarded by the provider's lock.</summary>
internal sealed class ManualTimer(ManualTimeProvider provider, Action callback) : ITimer
{
    private bool _disposed;

    public DateTimeOffset? DueAt { get; set; }

    public TimeSpan? Period { get; set; }

    public void Fire() => callback();

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_disposed)
        {
            return false;
        }

        provider.Schedule(this, dueTime, period);
        return true;
    }

    public void Dispose()
    {
        _disposed = true;
        provider.Remove(this);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
