namespace MtlsSidecar.Proxy.Forwarding;

/// <summary>
/// The clock of one exchange. Before the request's last byte it limits idleness, then the wait for response headers, then idleness again;
/// idleness is no matter in exchanges that may be silent for long (WebSocket, gRPC, event streams). When it runs out, <see cref="Token"/> is
/// cancelled.
/// </summary>
internal sealed class ExchangeTimer : IDisposable
{
    private readonly TimeSpan _headerTimeout;
    private readonly TimeSpan _idleTimeout;
    private readonly TimeProvider _timeProvider;
    private readonly CancellationTokenSource _cancellation;
    private readonly ITimer _timer;
    private volatile Phase _phase;
    private long _since;
    private long _due;

    /// <param name="headerTimeout">From the request's last byte to the response's headers.</param>
    /// <param name="idleTimeout">Without a byte either way.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="mayBeSilent">Whether the caller may leave pauses of any length in its request; the wait for headers is bounded all the same.</param>
    /// <param name="aborted">Cancelled when the caller goes away.</param>
    public ExchangeTimer(TimeSpan headerTimeout, TimeSpan idleTimeout, TimeProvider timeProvider, bool mayBeSilent, CancellationToken aborted)
    {
        (_headerTimeout, _idleTimeout, _timeProvider) = (headerTimeout, idleTimeout, timeProvider);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _since = timeProvider.GetTimestamp();
        _phase = mayBeSilent ? Phase.SendingAtLeisure : Phase.Sending;
        _due = mayBeSilent ? long.MaxValue : _since + Ticks(idleTimeout);
        _timer = timeProvider.CreateTimer(
            static state => ((ExchangeTimer)state!).Look(), this, mayBeSilent ? Timeout.InfiniteTimeSpan : idleTimeout, Timeout.InfiniteTimeSpan);
    }

    private enum Phase
    {
        Sending,
        SendingAtLeisure,
        AwaitingHeaders,
        Receiving,
        Off,
    }

    /// <summary>Cancelled when the time is up or the caller has gone.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether it was the time, not the caller, that ended the exchange.</summary>
    public bool HasExpired { get; private set; }

    private TimeSpan Limit => _phase == Phase.AwaitingHeaders ? _headerTimeout : _idleTimeout;

    /// <summary>A byte went either way. Cheap: the timer itself is only moved when it fires.</summary>
    public void Touch()
    {
        if (_phase != Phase.AwaitingHeaders)
        {
            Volatile.Write(ref _since, _timeProvider.GetTimestamp());
        }
    }

    /// <summary>The request is sent whole: from now the wait for headers counts.</summary>
    public void RequestSent()
    {
        // Asked for each read of the body, so without the lock; Enter asks again with it.
        if (_phase is Phase.Sending or Phase.SendingAtLeisure)
        {
            Enter(Phase.AwaitingHeaders);
        }
    }

    /// <summary>The response has begun.</summary>
    public void ResponseBegan() => Enter(Phase.Receiving);

    /// <summary>From now on this exchange may be silent for as long as it likes.</summary>
    public void TurnOff() => Enter(Phase.Off);

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _cancellation.Dispose();
    }

    private void Enter(Phase phase)
    {
        lock (_cancellation)
        {
            // Phases only follow each other: the end of a request may come at the same moment as its answer, and must not undo that.
            if (phase <= _phase)
            {
                return;
            }

            _since = _timeProvider.GetTimestamp();
            _phase = phase;

            // A timer that fires too early only looks and is armed again: moving it at each phase would cost more than that.
            if (phase != Phase.Off && _since + Ticks(Limit) < _due)
            {
                Arm(Limit);
            }
        }
    }

    private void Look()
    {
        // One at a time with Enter: a look that has seen the old phase must not arm the timer after the new one relied on it.
        lock (_cancellation)
        {
            if (_phase is Phase.Off or Phase.SendingAtLeisure)
            {
                return;
            }

            var left = Limit - _timeProvider.GetElapsedTime(Volatile.Read(ref _since));
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return;
            }

            HasExpired = true;
        }

        try
        {
            _cancellation.Cancel();
        }
        catch (Exception exception) when (exception is ObjectDisposedException or AggregateException)
        {
            // The exchange ended at the same moment, or somebody who heard of its end threw. Nobody is above a timer: it would end the process.
        }
    }

    private void Arm(TimeSpan due)
    {
        _due = _timeProvider.GetTimestamp() + Ticks(due);
        try
        {
            _timer.Change(due, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The exchange ended at the same moment.
        }
    }

    private long Ticks(TimeSpan duration) => (long)(duration.TotalSeconds * _timeProvider.TimestampFrequency);
}
