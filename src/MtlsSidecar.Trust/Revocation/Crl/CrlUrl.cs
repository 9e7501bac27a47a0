using System.Net.Http.Headers;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>One URL that CRLs are fetched from: one request at a time, the next one scheduled, the last good content kept.</summary>
internal sealed class CrlUrl : IDisposable
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestUnverifiedInterval = TimeSpan.FromMinutes(1);
    private readonly CrlUrlContext _context;
    private readonly CrlSourceKey _source;
    private readonly string _url;
    private readonly RequestSlots? _slots;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private Task? _inFlight;
    private EntityTagHeaderValue? _entityTag;
    private DateTimeOffset? _lastModified;
    private DateTimeOffset _notBefore;
    private int _failures;
    private volatile bool _staged;
    private volatile bool _hasContent;
    private volatile bool _disposed;

    /// <param name="context">What all URLs share.</param>
    /// <param name="source">The URL, and the trust anchor whose certificates named it.</param>
    /// <param name="slots">Those of that anchor; null when the operator named it, who waits for nobody.</param>
    public CrlUrl(CrlUrlContext context, CrlSourceKey source, RequestSlots? slots)
    {
        _context = context;
        _source = source;
        _url = source.Source;
        _slots = slots;
        LastUsed = context.TimeProvider.GetUtcNow();
        _timer = context.TimeProvider.CreateTimer(_ => StartFetch(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The URL.</summary>
    public string Url => _url;

    /// <summary>The URL and who named it.</summary>
    public CrlSourceKey Source => _source;

    /// <summary>When a handshake last needed it.</summary>
    public DateTimeOffset LastUsed { get; private set; }

    private bool IsCurrent => _hasContent && _context.Store.LifetimeOf(_source) is { } lifetime && lifetime.NextUpdate > _context.TimeProvider.GetUtcNow();

    /// <summary>
    /// No URL is asked more often than this while it answers. Whoever forges an answer chooses its dates too, so a forgery must not have us
    /// come back for the next one at the pace of a genuine CRL that ends soon.
    /// </summary>
    private TimeSpan Shortest
    {
        get
        {
            var shortest = _context.Store.IsVerified(_source) ? ShortestInterval : ShortestUnverifiedInterval;
            return shortest < _context.RefreshInterval ? shortest : _context.RefreshInterval;
        }
    }

    /// <summary>
    /// For a handshake whose question is still open: the fetch to wait for, or null when waiting would bring nothing, as the content is
    /// there and current or the server failed a moment ago. A dead server is not asked again at each handshake.
    /// </summary>
    public Task? Obtain()
    {
        var now = _context.TimeProvider.GetUtcNow();
        Touch();
        lock (_gate)
        {
            if (_inFlight is { } inFlight)
            {
                return inFlight;
            }

            return IsCurrent || now < _notBefore ? null : _inFlight = FetchAsync();
        }
    }

    /// <summary>Notes that a handshake needed it.</summary>
    public void Touch() => LastUsed = _context.TimeProvider.GetUtcNow();

    /// <summary>Starts a request unless one is under way.</summary>
    public Task StartFetch()
    {
        lock (_gate)
        {
            return _inFlight ??= FetchAsync();
        }
    }

    /// <summary>Whether an answer waits in the cache for its signature to be verified.</summary>
    public bool IsStaged => _staged;

    /// <summary>Deletes what the cache holds of it, for good.</summary>
    public void Uncache()
    {
        if (_context.Cache is { } cache)
        {
            TryCache(() => cache.Delete(_source));
        }
    }

    /// <summary>Lets a staged answer settle in the cache once its signature is known to be good.</summary>
    public void SettleIfVerified()
    {
        lock (_gate)
        {
            if (_staged && _context.Store.IsVerified(_source))
            {
                _staged = false;
                TryCache(() => _context.Cache!.Settle(_source));
            }
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _timer.Dispose();
    }

    private async Task FetchAsync()
    {
        // Off the caller's thread and out of its lock: parsing a large CRL takes a second.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var delay = TimeSpan.Zero;
        try
        {
            // What an earlier process kept serves whoever waits here; the server is asked right after.
            if (_hasContent || !await LoadCacheAsync())
            {
                // URLs out of certificates share a few slots, so that they can't keep the configured ones from being asked.
                delay = await (_slots?.RunAsync(FetchOnceAsync, _context.Stopping) ?? FetchOnceAsync());
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

        if (!_disposed)
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task<TimeSpan> FetchOnceAsync()
    {
        if (_disposed)
        {
            // It made room for another while it waited for its turn.
            return TimeSpan.Zero;
        }

        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _url);
            if (_context.Store.LifetimeOf(_source) is not null)
            {
                if (_entityTag is not null)
                {
                    request.Headers.IfNoneMatch.Add(_entityTag);
                }

                request.Headers.IfModifiedSince = _lastModified;
            }

            using var content = await _context.Fetcher.SendAsync(request, _slots is null ? FetchOrigin.Configured : FetchOrigin.Certificate, _context.MaxLength, _context.Stopping);
            if (content.Body is not null && !TryLoad(content.Body))
            {
                return BackOff();
            }

            (_entityTag, _lastModified, _hasContent, _failures) = (content.EntityTag, content.LastModified, true, 0);
            _notBefore = _context.TimeProvider.GetUtcNow() + Shortest;
            _context.Store.Note(_source, error: null);
            _context.Observer?.Fetched(_url, isNew: content.Body is not null);
            return NextRefresh();
        }
        catch (FetchException exception)
        {
            return Failed(exception.Message);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever went wrong, the URL must be asked again: a poll that ends silently would freeze revocation.
            return Failed($"{exception.GetType().Name}: {exception.Message}");
        }
    }

    private bool TryLoad(NativeBuffer body)
    {
        if (_disposed)
        {
            return true;
        }

        bool wasStaged;
        lock (_gate)
        {
            // From here on what the store calls verified may be this answer, of which nothing is known. A handshake that finds it genuine must not
            // settle the one that was staged before.
            SettleIfVerified();
            (wasStaged, _staged) = (_staged, false);
        }

        // Written first: reading PEM destroys the text. Not in the place of the staged one, which may be the only good one on disk: it waits for
        // its first handshake, and whoever answers for a plain http server could have it deleted by an answer that is no CRL.
        var received = _context.Cache is { } cache && TryCache(() => cache.Receive(_source, body));
        if (_context.Store.Load(_source, body) is not null)
        {
            if (received)
            {
                TryCache(() => _context.Cache!.DropReceived(_source));
            }

            _staged = wasStaged;
            SettleIfVerified();
            return false;
        }

        _staged = received && TryCache(() => _context.Cache!.Stage(_source));
        SettleIfVerified();
        _context.Loaded(this);
        return true;
    }

    private bool TryCache(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _context.Observer?.CacheFailed(_url, exception.Message);
            return false;
        }
    }

    /// <summary>Gives whether something current was found.</summary>
    private async Task<bool> LoadCacheAsync()
    {
        if (_context.Cache is not { } cache)
        {
            return false;
        }

        await foreach (var (content, isSettled) in cache.ReadAsync(_source, _context.MaxLength))
        {
            using (content)
            {
                if (_context.Store.Load(_source, content, isSettled) is { } error)
                {
                    _context.Observer?.CacheFailed(_url, error);
                }
                else
                {
                    _hasContent = true;
                }
            }
        }

        return IsCurrent;
    }

    private TimeSpan Failed(string reason)
    {
        _context.Store.Note(_source, reason);
        var delay = BackOff();
        _context.Observer?.FetchFailed(_url, reason, delay);
        return delay;
    }

    private TimeSpan BackOff()
    {
        _failures++;
        var backOff = FirstBackOff * Math.Pow(2, Math.Min(_failures - 1, 20));
        var delay = Jitter(backOff < _context.RefreshInterval ? backOff : _context.RefreshInterval, 0.2);
        _notBefore = _context.TimeProvider.GetUtcNow() + delay;
        return delay;
    }

    /// <summary>By the interval, or a tenth of its lifetime ahead of the CRL's end when that comes first.</summary>
    private TimeSpan NextRefresh()
    {
        var delay = Jitter(_context.RefreshInterval, 0.1);
        if (_context.Store.LifetimeOf(_source) is not { } lifetime)
        {
            return delay;
        }

        var lead = (lifetime.NextUpdate - lifetime.ThisUpdate) / 10;
        var ahead = lifetime.NextUpdate - _context.TimeProvider.GetUtcNow() - Jitter(lead, 0.5);
        return ahead >= delay ? delay : ahead > Shortest ? ahead : Shortest;
    }

    /// <summary>So that a thousand sidecars started together don't ask together for ever.</summary>
    private static TimeSpan Jitter(TimeSpan span, double part) => span * (1 - part + (2 * part * Random.Shared.NextDouble()));
}
