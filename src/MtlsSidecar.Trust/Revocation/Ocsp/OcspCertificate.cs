using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>One certificate whose status is kept: one request at a time, the next one scheduled, the last good answer kept until its end.</summary>
internal sealed class OcspCertificate : IDisposable
{
    /// <summary>
    /// For how long at most an answer is handed out. Verdicts and live connections rest on it no longer and ask again: that shows which
    /// certificates are still in use, and only those are refreshed.
    /// </summary>
    public static readonly TimeSpan MaxReliance = TimeSpan.FromHours(1);

    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(40);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(10);
    private readonly OcspContext _context;
    private readonly IReadOnlyList<string> _urls;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private RevocationQuestion _question;
    private Task? _inFlight;
    private DateTimeOffset _notBefore;
    private DateTimeOffset _newest = DateTimeOffset.MinValue;
    private OcspAnswer? _answer;
    private string _lastError = "not asked yet";
    private int _failures;
    private bool _disposed;

    public OcspCertificate(OcspContext context, string key, RevocationQuestion question, IReadOnlyList<string> urls)
    {
        _context = context;
        _question = question;
        _urls = urls;
        Key = key;
        LastUsed = InUseUntil = context.TimeProvider.GetUtcNow();
        _timer = context.TimeProvider.CreateTimer(_ => context.Due(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>By which the store finds it.</summary>
    public string Key { get; }

    /// <summary>The question by which it was asked for last.</summary>
    public RevocationQuestion Question => Volatile.Read(ref _question);

    /// <summary>When a handshake or review last asked for it. Guarded by the store.</summary>
    public DateTimeOffset LastUsed { get; private set; }

    /// <summary>Until when somebody may rest on its answer. Guarded by the store.</summary>
    public DateTimeOffset InUseUntil { get; private set; }

    /// <summary>Whether it is known to be revoked for good: then it is remembered until its own end, in use or not.</summary>
    public bool IsRevoked => Volatile.Read(ref _answer) is { IsFinal: true };

    /// <summary>After this there is no more reason to remember it. Guarded by the store.</summary>
    public DateTimeOffset KeepUntil => IsRevoked && Question.Certificate.NotAfter > InUseUntil ? Question.Certificate.NotAfter : InUseUntil;

    /// <summary>Nothing is asked more often than this while it is answered.</summary>
    private TimeSpan Shortest => ShortestInterval < _context.RefreshInterval ? ShortestInterval : _context.RefreshInterval;

    /// <summary>Notes that somebody asks. What is handed out next ends within the time noted here, so the refresh outlives every use of it.</summary>
    public void Touch(RevocationQuestion question)
    {
        Volatile.Write(ref _question, question);
        LastUsed = _context.TimeProvider.GetUtcNow();
        InUseUntil = LastUsed + MaxReliance + Margin;
    }

    /// <summary>The answer from memory; null when there is none that counts.</summary>
    public RevocationAnswer? Recall()
    {
        lock (_gate)
        {
            var now = _context.TimeProvider.GetUtcNow();
            if (_answer is not { Status: not RevocationStatus.Unknown } answer || !answer.IsUsable(now))
            {
                return null;
            }

            if (now > answer.ValidUntil && now >= _notBefore)
            {
                // Revoked for good, and long not asked for. Nobody waits, but if the responder has taken it back that is heard.
                _inFlight ??= FetchAsync();
            }

            return answer.ToRevocationAnswer(now + MaxReliance);
        }
    }

    /// <summary>Why there is no answer. Who goes on without one asks again in time: until then a late answer is still heard of.</summary>
    public RevocationAnswer Explain(DateTimeOffset at)
    {
        lock (_gate)
        {
            return new RevocationAnswer(RevocationStatus.Unknown, $"OCSP: {_lastError}", at)
            {
                Rule = OcspAnswer.Rule,
                AskAgainAt = _context.TimeProvider.GetUtcNow() + MaxReliance,
            };
        }
    }

    /// <summary>The request to wait for, or null when waiting would bring nothing, as one failed a moment ago.</summary>
    public Task? Obtain()
    {
        lock (_gate)
        {
            return _inFlight ?? (_context.TimeProvider.GetUtcNow() < _notBefore ? null : _inFlight = FetchAsync());
        }
    }

    /// <summary>Starts a request unless one is under way.</summary>
    public Task StartFetch()
    {
        lock (_gate)
        {
            return _inFlight ??= FetchAsync();
        }
    }

    /// <summary>Asks for nothing until somebody needs it; looked at again at that time.</summary>
    public void RestUntil(DateTimeOffset time)
    {
        // A timer takes no more than 49 days.
        var wait = time - _context.TimeProvider.GetUtcNow() + Margin;
        _timer.Change(wait < LongestRest ? wait : LongestRest, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        _timer.Dispose();
    }

    private async Task FetchAsync()
    {
        // Off the caller's thread and out of its lock.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan delay;
        try
        {
            await _context.Slots.WaitAsync(_context.Stopping);
            try
            {
                delay = await AskAsync();
            }
            finally
            {
                _context.Slots.Release();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }
        finally
        {
            lock (_gate)
            {
                _inFlight = null;
            }
        }

        if (!Volatile.Read(ref _disposed))
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Asks the responders in turn until one gives a usable answer.</summary>
    private async Task<TimeSpan> AskAsync()
    {
        var failure = "its responders failed a moment ago";
        foreach (var url in _urls.Where(_context.Responders.MayAsk))
        {
            try
            {
                var answer = await _context.Client.AskAsync(url, _context.Origin, Question, _context.Stopping);
                _context.Responders.Answered(url);
                _context.Observer?.Answered(url, answer.Status);
                return Take(answer, url);
            }
            catch (OcspException exception)
            {
                _context.Responders.Answered(url);
                failure = exception.Message;
            }
            catch (FetchException exception)
            {
                _context.Responders.Failed(url);
                failure = exception.Message;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Whatever went wrong, it must be asked again: a refresh that ends silently would freeze revocation.
                failure = $"{exception.GetType().Name}: {exception.Message}";
            }

            _context.Observer?.Failed(url, Question.Certificate.SerialNumberText, failure);
        }

        lock (_gate)
        {
            return BackOff(failure);
        }
    }

    private TimeSpan Take(OcspAnswer answer, string url)
    {
        bool changed;
        TimeSpan delay;
        lock (_gate)
        {
            // An older answer never takes the place of a newer one: it may be played back by somebody on the network, and where several
            // servers answer under one name, one of them may lag behind.
            if (answer.ThisUpdate < _newest)
            {
                return _answer is { } kept && _context.TimeProvider.GetUtcNow() <= kept.ValidUntil ? NextRefresh(kept) : BackOff("the responder gave an older answer than before");
            }

            if (answer.Status == RevocationStatus.Unknown && _answer is { IsFinal: true })
            {
                // A responder that has lost its records, or no longer keeps those of old revocations, takes nothing back.
                _newest = answer.ThisUpdate;
                return BackOff(answer.Detail);
            }

            changed = answer.Status != _answer?.Status && (answer.Status == RevocationStatus.Revoked || _answer?.Status == RevocationStatus.Good);
            (_answer, _newest) = (answer, answer.ThisUpdate);
            delay = answer.Status == RevocationStatus.Unknown ? BackOff(answer.Detail) : Settle(answer);
        }

        if (changed)
        {
            _context.Observer?.Changed(url, Question.Certificate.SerialNumberText, answer.Detail);
            _context.Changed(this);
        }

        return delay;
    }

    private TimeSpan Settle(OcspAnswer answer)
    {
        _failures = 0;
        _lastError = "the last answer has ended";
        _notBefore = _context.TimeProvider.GetUtcNow() + Shortest;
        return NextRefresh(answer);
    }

    private TimeSpan BackOff(string reason)
    {
        _lastError = reason;
        _failures++;
        var backOff = FirstBackOff * Math.Pow(2, Math.Min(_failures - 1, 20));
        var delay = Jitter(backOff < _context.RefreshInterval ? backOff : _context.RefreshInterval, 0.2);
        _notBefore = _context.TimeProvider.GetUtcNow() + delay;
        return delay;
    }

    /// <summary>By the interval, or a tenth of its lifetime ahead of the answer's end when that comes first.</summary>
    private TimeSpan NextRefresh(OcspAnswer answer)
    {
        var delay = Jitter(_context.RefreshInterval, 0.1);
        var lead = (answer.ValidUntil - answer.ThisUpdate) / 10;
        var ahead = answer.ValidUntil - _context.TimeProvider.GetUtcNow() - Jitter(lead, 0.5);
        return ahead >= delay ? delay : ahead > Shortest ? ahead : Shortest;
    }

    /// <summary>So that a thousand sidecars started together don't ask together for ever.</summary>
    private static TimeSpan Jitter(TimeSpan span, double part) => span * (1 - part + (2 * part * Random.Shared.NextDouble()));
}
