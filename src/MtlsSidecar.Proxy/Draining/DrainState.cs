namespace MtlsSidecar.Proxy.Draining;

/// <summary>Whether this sidecar is on its way out, and how many exchanges it still owes an answer.</summary>
internal sealed class DrainState
{
    private int _inFlight;
    private int _awaited;
    private int _isDraining;
    private volatile TaskCompletionSource? _idle;

    /// <summary>Set from the moment of SIGTERM or <c>POST /drain</c>.</summary>
    public bool IsDraining => Volatile.Read(ref _isDraining) != 0;

    /// <summary>Requests and tunnels that are being served.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Begins the drain. False when it had begun before.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref _isDraining, 1) == 0;

    /// <summary>An exchange begins.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _inFlight);
        EnterHandshake();
    }

    /// <summary>An exchange has ended.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _inFlight);
        LeaveHandshake();
    }

    /// <summary>
    /// A peer that was accepted introduces itself. It is waited for, because a tunnel may come of it, but never counted as cut: a stranger who
    /// just holds a socket open owes us nothing, and delays the end by the handshake's deadline at most.
    /// </summary>
    public void EnterHandshake() => Interlocked.Increment(ref _awaited);

    /// <summary>It has been refused or is gone, and so is what came of it.</summary>
    public void LeaveHandshake()
    {
        if (Interlocked.Decrement(ref _awaited) == 0)
        {
            _idle?.TrySetResult();
        }
    }

    /// <summary>Waits until nothing is in flight and nobody in a handshake. False when that took longer than allowed.</summary>
    public async Task<bool> WaitUntilIdleAsync(TimeSpan atMost, TimeProvider timeProvider)
    {
        _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Volatile.Read(ref _awaited) == 0)
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
