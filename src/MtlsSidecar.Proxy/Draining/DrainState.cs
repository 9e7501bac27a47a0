namespace MtlsSidecar.Proxy.Draining;

/// <summary>Whether this sidecar is on its way out, and how many exchanges it still owes an answer.</summary>
internal sealed class DrainState
{
    private int _inFlight;
    private int _isDraining;
    private volatile TaskCompletionSource? _idle;

    /// <summary>Set from the moment of SIGTERM or <c>POST /drain</c>.</summary>
    public bool IsDraining => Volatile.Read(ref _isDraining) != 0;

    /// <summary>Requests and tunnels that are being served.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Begins the drain. False when it had begun before.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref _isDraining, 1) == 0;

    /// <summary>An exchange begins.</summary>
    public void Enter() => Interlocked.Increment(ref _inFlight);

    /// <summary>An exchange has ended.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _inFlight) == 0)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>Waits until nothing is in flight. False when that took longer than allowed.</summary>
    public async Task<bool> WaitUntilIdleAsync(TimeSpan atMost, TimeProvider timeProvider)
    {
        _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (InFlight == 0)
        {
            return true;
        }

        try
        {
            await _idle.Task.WaitAsync(atMost, timeProvider);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
