using System.Globalization;
using System.Security.Cryptography;
using MtlsSidecar.Trust.Revocation.Fetching;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// All CRLs of the process: one immutable set, swapped whole when a file or URL brings something new. Loading needs no issuer: a CRL is
/// verified when a path first asks for it, once for each key, and believed only then.
/// </summary>
/// <remarks>
/// An older CRL never takes the place of a newer one that a key of the same issuer has signed. A CRL in force stays until a newer one
/// of its scope is verified: a file or answer that is garbage, or signed by somebody else, changes nothing. To go back to an older CRL
/// on purpose, restart the process, and delete the cache directory's content first if one is configured.
/// </remarks>
public sealed class CrlStore : IDisposable
{
    private const int MaxAttempts = 8;
    private readonly TimeProvider _timeProvider;
    private readonly ICrlObserver? _observer;
    private readonly CrlWatermarks _watermarks;
    private readonly CrlSources _sources;
    private readonly ITimer _comingIntoForce;
    private readonly Lock _gate = new();
    private CrlSet _current = CrlSet.Empty;
    private long _generation;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Which CRLs count.</param>
    /// <param name="timeProvider">The clock by which a CRL is in force yet.</param>
    /// <param name="observer">Hears what happens.</param>
    public CrlStore(CrlOptions options, TimeProvider timeProvider, ICrlObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        Options = options;
        _timeProvider = timeProvider;
        _observer = observer;
        _sources = new CrlSources(options.AlgorithmFloor);
        _watermarks = new CrlWatermarks(string.IsNullOrEmpty(options.CacheDirectory) ? null : CrlCache.WatermarkFile(options.CacheDirectory));
        if (_watermarks.LoadError is { } error)
        {
            observer?.CacheFailed(CrlCache.WatermarkFile(options.CacheDirectory!), error);
        }

        _comingIntoForce = timeProvider.CreateTimer(_ => AnnounceInForce(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Raised after the set has changed, on the thread that loaded; also when a CRL's thisUpdate has come.</summary>
    public event Action<CrlChange>? Changed;

    /// <summary>Grows whenever an earlier answer may no longer be given.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Which CRLs count.</summary>
    public CrlOptions Options { get; }

    /// <summary>Every CRL and every source that failed, for people.</summary>
    public IReadOnlyList<CrlStatus> Status
    {
        get
        {
            lock (_gate)
            {
                return [.. _sources.Describe()];
            }
        }
    }

    /// <summary>Answers a question from the CRLs now in memory.</summary>
    public RevocationAnswer Check(RevocationQuestion question) => Consult(question).Answer;

    /// <summary>Puts the CRLs of a file or answer in place of what the same source gave before.</summary>
    /// <param name="source">The file or URL, for people and as key.</param>
    /// <param name="data">One CRL as DER, or one or several as PEM.</param>
    /// <returns>What is wrong with it, or null. When something is wrong nothing has changed.</returns>
    public string? Load(string source, ReadOnlySpan<byte> data)
    {
        using var buffer = new NativeBuffer(data.Length);
        buffer.Append(data);
        return Load(source, buffer);
    }

    /// <inheritdoc/>
    public void Dispose() => _comingIntoForce.Dispose();

    /// <summary>Answers a question, and says where more could be had.</summary>
    internal CrlFinding Consult(RevocationQuestion question)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            try
            {
                return CrlCheck.Run(Volatile.Read(ref _current), Options, _watermarks, question);
            }
            catch (ObjectDisposedException)
            {
                // A CRL was replaced, and its memory freed, while it was being asked. The set that replaced it is in place already.
            }
        }

        return new CrlFinding(new RevocationAnswer(RevocationStatus.Unknown, "CRLs are being replaced", question.At), [], []);
    }

    /// <summary>The same as <see cref="Load(string, ReadOnlySpan{byte})"/> without a copy; the buffer's content is undefined afterwards.</summary>
    internal string? Load(string source, NativeBuffer buffer)
    {
        // Polled or touched files mostly bring what is there: that must not cost a second of parsing.
        var content = Convert.ToHexString(SHA256.HashData(buffer.Written));
        lock (_gate)
        {
            if (_sources.Find(source) is { } state && state.Content == content)
            {
                state.LastError = null;
                return null;
            }
        }

        try
        {
            return Replace(source, content, CrlReader.ReadAll(buffer.Written));
        }
        catch (CrlFormatException exception)
        {
            return Refuse(source, exception.Message);
        }
    }

    /// <summary>Remembers that a source gave something unusable; what it gave before stays in force.</summary>
    internal string Refuse(string source, string reason)
    {
        Note(source, reason);
        _observer?.Refused(source, reason);
        return reason;
    }

    /// <summary>Notes how a source is doing that gave nothing new; null: well.</summary>
    internal void Note(string source, string? error)
    {
        lock (_gate)
        {
            _sources.Get(source).LastError = error;
        }
    }

    /// <summary>Forgets a source and what it gave.</summary>
    internal void Forget(string source)
    {
        CrlChange? change;
        lock (_gate)
        {
            var before = _sources.Lists.ToHashSet();
            _sources.Forget(source);
            change = Publish(before);
        }

        Raise(change);
    }

    /// <summary>The dates of the CRL of a source that ends first; null when it has none.</summary>
    internal (DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate)? LifetimeOf(string source)
    {
        lock (_gate)
        {
            return _sources.Find(source)?.Newest.MinBy(list => list.NextUpdate) is { } first ? (first.ThisUpdate, first.NextUpdate) : null;
        }
    }

    /// <summary>Whether all that a source gave last is known to be signed by its issuer.</summary>
    internal bool IsVerified(string source)
    {
        lock (_gate)
        {
            return _sources.Find(source) is { Newest: { Count: > 0 } newest } && newest.All(list => !list.Signers.IsEmpty);
        }
    }

    private string? Replace(string source, string content, List<CertificateList> lists)
    {
        (CertificateList Older, CertificateList Newer)? refused;
        CrlChange? change = null;
        List<CrlStatus> added = [];
        lock (_gate)
        {
            var before = _sources.Lists.ToHashSet();
            refused = _sources.TryReplace(source, lists);
            if (refused is null)
            {
                var state = _sources.Get(source);
                (state.LastError, state.Content) = (null, content);
                change = Publish(before);
                added = [.. state.Lists.Where(list => !before.Contains(list)).Select(list => state.Describe(source, list))];
            }

            // Those that were known already, or refused.
            lists.Except(_sources.Lists).ToList().ForEach(list => list.Entries.Dispose());
        }

        if (refused is { } order)
        {
            return Refuse(source, $"{Describe(order.Older)} is older than {Describe(order.Newer)}, which stays in force");
        }

        added.ForEach(status => _observer?.Loaded(status));
        Raise(change);
        return null;
    }

    private CrlChange? Publish(HashSet<CertificateList> before)
    {
        _sources.DropSuperseded(_timeProvider.GetUtcNow());
        var after = _sources.Lists.ToList();
        var removed = before.Except(after).ToList();
        var changed = after.Except(before).Concat(removed).ToList();
        if (changed.Count == 0)
        {
            return null;
        }

        // First the new set, then the memory: whoever still asks the old set finds the new one when it tries again.
        Volatile.Write(ref _current, new CrlSet(after));
        removed.ForEach(list => list.Entries.Dispose());
        AwaitNextInForce(after);
        return new CrlChange(Interlocked.Increment(ref _generation), changed);
    }

    private void AwaitNextInForce(List<CertificateList> lists)
    {
        var now = _timeProvider.GetUtcNow();
        if (lists.Where(list => list.ThisUpdate > now).Select(list => list.ThisUpdate - now).DefaultIfEmpty(TimeSpan.Zero).Min() is { Ticks: > 0 } wait)
        {
            // A timer takes no more than 49 days; a CRL from a farther future is looked at again then.
            _comingIntoForce.Change(wait < TimeSpan.FromDays(40) ? wait : TimeSpan.FromDays(40), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A CRL that was loaded before its time is in force now: whoever was judged by its predecessor is judged again.</summary>
    private void AnnounceInForce()
    {
        CrlChange change;
        lock (_gate)
        {
            var lists = _sources.Lists.ToList();
            AwaitNextInForce(lists);
            change = new CrlChange(Interlocked.Increment(ref _generation), lists);
        }

        Raise(change);
    }

    private void Raise(CrlChange? change)
    {
        if (change is not null)
        {
            Changed?.Invoke(change);
        }
    }

    private static string Describe(CertificateList list)
        => string.Create(CultureInfo.InvariantCulture, $"CRL {list.Extensions.Number} of {list.IssuerText}, {list.ThisUpdate:u},");
}
