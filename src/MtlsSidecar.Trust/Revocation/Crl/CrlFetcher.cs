using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Keeps CRLs from URLs current in the background: the configured ones from the start, those of distribution points from the first
/// certificate that names them.
/// </summary>
public sealed class CrlFetcher : IDisposable
{
    private const int MaxRequestsAtOnce = 8;
    private readonly Lock _gate = new();
    private readonly Dictionary<CrlSourceKey, CrlUrl> _learned = [];
    private readonly Dictionary<string, RequestSlots> _slots = [];
    private readonly List<CrlUrl> _configured;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpFetcher _fetcher;
    private readonly CrlUrlContext _context;
    private readonly CrlFetchOptions _options;
    private Task _firstRound = Task.CompletedTask;

    /// <summary>Asks nobody until <see cref="Start"/>, or until a certificate names a distribution point.</summary>
    /// <exception cref="IOException">The cache directory can't be made.</exception>
    public CrlFetcher(CrlStore store, CrlFetchOptions options, FetchOptions fetchOptions, TimeProvider timeProvider, ICrlObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _fetcher = new HttpFetcher(fetchOptions, timeProvider);
        if (!string.IsNullOrEmpty(options.CacheDirectory))
        {
            CrlCache.Prepare(options.CacheDirectory);
        }

        _context = new CrlUrlContext(store, _fetcher, timeProvider)
        {
            RefreshInterval = options.RefreshInterval,
            Cache = string.IsNullOrEmpty(options.CacheDirectory) ? null : new CrlCache(options.CacheDirectory),
            Observer = observer,
            Loaded = LimitBytes,
            Stopping = _stopping.Token,
        };
        _configured = [.. options.Urls.Distinct().Select(url => new CrlUrl(_context, new CrlSourceKey(url), slots: null))];
    }

    /// <summary>Starts to poll the configured URLs.</summary>
    /// <returns>Ends when each has been asked once, whatever came of it; whoever wants to be ready with CRLs may wait for it.</returns>
    public Task Start() => _firstRound = Task.WhenAll(_configured.Select(url => url.StartFetch()));

    /// <summary>Asks all URLs now: an operator's reload.</summary>
    public Task RefreshAllAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_configured.Concat(_learned.Values).Select(url => url.StartFetch()));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping.Cancel();
        lock (_gate)
        {
            _configured.ForEach(url => url.Dispose());
            _learned.Values.ToList().ForEach(url => url.Dispose());
            _slots.Values.ToList().ForEach(slots => slots.Dispose());
        }

        _fetcher.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Ends when a handshake has waited long enough for a fetch.</summary>
    internal CancellationTokenSource StartWait() => new(_options.FirstFetchWait, _context.TimeProvider);

    /// <summary>The wait for configured URLs that were never asked yet; null when that is over.</summary>
    internal Task? PendingFirstRound => _firstRound.IsCompleted ? null : _firstRound;

    /// <summary>For a URL out of a certificate whose path holds: the fetch to wait for, or null when there is nothing to wait for.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="anchor">The path's anchor. Each has room and requests of its own, so that a federated authority can use up those of its own peers only.</param>
    internal Task? Obtain(string url, ParsedCertificate anchor)
    {
        if (!_options.UseDistributionPoints || _fetcher.Refuse(url, FetchOrigin.Certificate) is not null)
        {
            return null;
        }

        if (_configured.Find(configured => configured.Url == url) is { } polled)
        {
            return polled.Obtain();
        }

        CrlUrl? known;
        List<CrlUrl> evicted = [];
        lock (_gate)
        {
            var key = new CrlSourceKey(url, anchor.Fingerprint);
            if (!_learned.TryGetValue(key, out known))
            {
                var slots = SlotsOf(anchor.Fingerprint);
                if (slots.IsCrowded)
                {
                    // Unknown at once, and nobody's place is taken.
                    return null;
                }

                evicted = MakeRoom(anchor.Fingerprint);
                _learned.Add(key, known = new CrlUrl(_context, key, slots));
            }
        }

        evicted.ForEach(Forget);
        return known.Obtain();
    }

    /// <summary>Notes that certificates with these URLs are in use.</summary>
    internal void Touch(IReadOnlyList<string> urls, ParsedCertificate anchor)
    {
        lock (_gate)
        {
            foreach (var url in urls)
            {
                if (_learned.TryGetValue(new CrlSourceKey(url, anchor.Fingerprint), out var known))
                {
                    known.Touch();
                }
            }
        }
    }

    /// <summary>Tells the cache which answers turned out to be genuine.</summary>
    internal void SettleVerified()
    {
        if (_context.Cache is null)
        {
            return;
        }

        // Files are moved outside the lock that every handshake takes.
        List<CrlUrl> staged;
        lock (_gate)
        {
            staged = [.. _configured.Concat(_learned.Values).Where(url => url.IsStaged)];
        }

        staged.ForEach(url => url.SettleIfVerified());
    }

    private RequestSlots SlotsOf(string anchor)
    {
        if (!_slots.TryGetValue(anchor, out var slots))
        {
            _slots.Add(anchor, slots = new RequestSlots(MaxRequestsAtOnce));
        }

        return slots;
    }

    /// <summary>Takes out those not asked for the longest until there is room for one more.</summary>
    private List<CrlUrl> MakeRoom(string anchor)
    {
        var own = OldestFirst(anchor);
        return [.. own.Take(own.Count + 1 - Math.Max(1, _options.MaxLearnedUrls)).Select(TakeOut)];
    }

    /// <summary>Takes out those not asked for the longest until the rest fits the memory that one anchor's may take. The newcomer stays.</summary>
    private void LimitBytes(CrlUrl loaded)
    {
        if (loaded.Source.Anchor is not { } anchor)
        {
            return;
        }

        List<CrlUrl> evicted = [];
        lock (_gate)
        {
            if (!_learned.ContainsKey(loaded.Source))
            {
                // It made room for another while it loaded: what came too late must not stay for ever.
                evicted.Add(loaded);
            }

            var own = OldestFirst(anchor).ConvertAll(url => (Url: url, Size: _context.Store.SizeOf(url.Source)));
            var total = own.Sum(url => url.Size);
            foreach (var (url, size) in own.Where(url => url.Url != loaded))
            {
                if (total > _options.MaxLearnedBytes)
                {
                    evicted.Add(TakeOut(url));
                    total -= size;
                }
            }
        }

        evicted.ForEach(Forget);
    }

    private List<CrlUrl> OldestFirst(string anchor) => [.. _learned.Values.Where(url => url.Source.Anchor == anchor).OrderBy(url => url.LastUsed)];

    private CrlUrl TakeOut(CrlUrl url)
    {
        _learned.Remove(url.Source);
        return url;
    }

    /// <summary>Outside the lock that every handshake takes: what is forgotten may have to be told to others, and files are deleted.</summary>
    private void Forget(CrlUrl url)
    {
        url.Dispose();
        _context.Store.Forget(url.Source);
        url.Uncache();
    }
}
