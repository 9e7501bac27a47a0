using System.Collections.Concurrent;
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

    /// <summary>RFC 5280 §4.2.1.13: a distribution point gives one CRL. Some give a few as PEM.</summary>
    private const int MaxListsOfLearned = 16;
    private readonly TimeProvider _timeProvider;
    private readonly ICrlObserver? _observer;
    private readonly CrlWatermarks _watermarks;
    private readonly CrlIssuerKeys _issuerKeys = new();
    private readonly CrlSources _sources;

    // Beside the lock: handshakes ask for it, and must not wait for a load that holds the lock.
    private readonly ConcurrentDictionary<CrlSourceKey, (IReadOnlyList<CertificateList> Newest, long Size)> _given = new();
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
        _sources = new CrlSources(options.AlgorithmFloor, _issuerKeys);
        var marks = string.IsNullOrEmpty(options.CacheDirectory) ? null : CrlCache.WatermarkFile(options.CacheDirectory);
        _watermarks = new CrlWatermarks(marks, error => observer?.CacheFailed(marks!, error));
        if (_watermarks.LoadError is { } error)
        {
            observer?.CacheFailed(marks!, error);
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
                var (lists, now) = (_sources.Lists.ToList(), _timeProvider.GetUtcNow());
                return [.. _sources.Describe(list => CrlDates.ProblemOf(list, lists, Options.MaxStaleness, now))];
            }
        }
    }

    /// <summary>Answers a question from the CRLs now in memory.</summary>
    public RevocationAnswer Check(RevocationQuestion question) => Consult(new CrlSignerCandidates(question, Options)).Answer;

    /// <summary>Puts the CRLs of a file or answer in place of what the same source gave before.</summary>
    /// <param name="source">The file or URL, for people and as key.</param>
    /// <param name="data">One CRL as DER, or one or several as PEM.</param>
    /// <returns>What is wrong with it, or null. When something is wrong nothing has changed.</returns>
    public string? Load(string source, ReadOnlySpan<byte> data)
    {
        using var buffer = new NativeBuffer(data.Length);
        buffer.Append(data);
        return Load(new CrlSourceKey(source), buffer);
    }

    /// <summary>
    /// Looks for what is wrong with the CRLs that some sources gave last, as far as it shows without a peer: signatures by nobody known, and
    /// dates. Changes nothing about what is in force; the signatures that are certainly wrong show in <see cref="Status"/> from now on.
    /// </summary>
    public IReadOnlyList<CrlProblem> Examine(IReadOnlyCollection<string> sources, KnownIssuers known)
    {
        var now = _timeProvider.GetUtcNow();
        List<(string Source, CertificateList List)> examined;
        List<CertificateList> all;
        lock (_gate)
        {
            examined = [.. sources.Distinct().SelectMany(source => _sources.Find(new CrlSourceKey(source))?.Newest.Select(list => (source, list)) ?? [])];
            all = [.. _sources.Lists];
        }

        // Not under the lock: a signature takes its time, and what has been replaced meanwhile can still be verified.
        var unsigned = new CrlExamination(known, Options, now).Examine(examined);
        lock (_gate)
        {
            foreach (var source in sources)
            {
                if (_sources.Find(new CrlSourceKey(source)) is { } state)
                {
                    var certain = unsigned.Where(problem => problem.IsCertain && problem.Source == source).Select(problem => problem.Message).ToList();
                    state.Untrusted = certain.Count == 0 ? null : string.Join("; ", certain);
                }
            }
        }

        return
        [
            .. unsigned,
            .. examined.Select(entry => (entry.Source, Message: CrlDates.ProblemOf(entry.List, all, Options.MaxStaleness, now), entry.List))
                .Where(entry => entry.Message is not null)

                // Without its delta a complete CRL still answers.
                .Select(entry => new CrlProblem(entry.Source, entry.Message!, !entry.List.IsDelta)),
        ];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _comingIntoForce.Dispose();
        _watermarks.Dispose();
    }

    /// <summary>Answers a question, and says where more could be had.</summary>
    /// <param name="candidates">
    /// The question, with who may have signed. The same for all attempts, and for all times that one question is put: what a crowd of certificates may cost would
    /// be allowed anew with each set of CRLs otherwise.
    /// </param>
    internal CrlFinding Consult(CrlSignerCandidates candidates)
    {
        _issuerKeys.Note(candidates.Question);
        CrlFinding? last = null;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var set = Volatile.Read(ref _current);
            last = TryConsult(set, candidates);
            if (last is not null && set == Volatile.Read(ref _current))
            {
                if (last.HasNews)
                {
                    AnnounceVerified();
                }

                return last;
            }
        }

        // Fails closed: who was listed at the last look stays revoked, of anybody else nothing is known.
        if (last is { Answer.Status: RevocationStatus.Revoked })
        {
            return last;
        }

        return new CrlFinding(new RevocationAnswer(RevocationStatus.Unknown, "CRLs are being replaced", candidates.Question.At), [], [], HasNews: false);
    }

    /// <summary>The same as <see cref="Load(string, ReadOnlySpan{byte})"/> without a copy; the buffer's content is undefined afterwards.</summary>
    /// <param name="source">Where it comes from.</param>
    /// <param name="buffer">The bytes.</param>
    /// <param name="isSettled">Whether an earlier process had verified them.</param>
    internal string? Load(CrlSourceKey source, NativeBuffer buffer, bool isSettled = false)
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
            return Replace(source, content, CrlReader.ReadAll(buffer.Written, source.IsLearned ? MaxListsOfLearned : CrlPem.MaxLists), isSettled);
        }
        catch (CrlFormatException exception)
        {
            return Refuse(source, exception.Message);
        }
    }

    /// <summary>Remembers that a source gave something unusable; what it gave before stays in force.</summary>
    internal string Refuse(CrlSourceKey source, string reason)
    {
        Note(source, reason);
        _observer?.Refused(source.Source, reason);
        return reason;
    }

    /// <summary>Notes how a source is doing that gave nothing new; null: well.</summary>
    internal void Note(CrlSourceKey source, string? error)
    {
        lock (_gate)
        {
            _sources.Get(source).LastError = error;
        }
    }

    /// <summary>Forgets a source and what it gave.</summary>
    internal void Forget(CrlSourceKey source)
    {
        CrlChange? change;
        lock (_gate)
        {
            var before = _sources.Lists.ToHashSet();
            var given = _sources.Find(source)?.Lists ?? [];
            _sources.Forget(source);
            _given.TryRemove(source, out _);
            change = Publish(before, given);
        }

        Raise(change);
    }

    /// <summary>The dates of the CRL of a source that ends first; null when it has none.</summary>
    internal (DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate)? LifetimeOf(CrlSourceKey source)
        => _given.GetValueOrDefault(source).Newest?.MinBy(list => list.NextUpdate) is { } first ? (first.ThisUpdate, first.NextUpdate) : null;

    /// <summary>Whether all that a source gave last is known to be signed by its issuer.</summary>
    internal bool IsVerified(CrlSourceKey source)
        => _given.GetValueOrDefault(source).Newest is { Count: > 0 } newest && newest.All(list => list.IsVerified);

    /// <summary>About how many bytes the CRLs of a source take.</summary>
    internal long SizeOf(CrlSourceKey source) => _given.GetValueOrDefault(source).Size;

    /// <summary>
    /// Asks one set. Its answer counts only if the set is still in force afterwards: once a question to the next set has come to believe a newer
    /// CRL, the older one here is no longer believed, and what it lists would pass for unlisted.
    /// </summary>
    private CrlFinding? TryConsult(CrlSet set, CrlSignerCandidates candidates)
    {
        try
        {
            return CrlCheck.Run(set, Options, _watermarks, candidates);
        }
        catch (ObjectDisposedException)
        {
            // A CRL was replaced, and its memory freed, while it was being asked. The set that replaced it is in place already.
            return null;
        }
    }

    private string? Replace(CrlSourceKey source, string content, List<CertificateList> lists, bool isSettled)
    {
        (CertificateList Older, CertificateList Newer)? refused;
        CrlChange? change = null;
        List<CrlStatus> added = [];
        lock (_gate)
        {
            var before = _sources.Lists.ToHashSet();
            var given = _sources.Find(source)?.Lists ?? [];
            refused = _sources.TryReplace(source, lists, isSettled);
            if (refused is null)
            {
                var state = _sources.Get(source);
                (state.LastError, state.Content) = (null, content);
                _given[source] = (state.Newest, state.Lists.Sum(list => list.Size));
                change = Publish(before, [.. state.Lists.Except(given)]);

                // Again, as the set is in place now: of an authority met since the first time a question may have been asked without these CRLs.
                // Whoever meets one from here on finds them.
                _sources.VerifyByKnownKeys(state.Newest);
                added = [.. state.Lists.Where(list => !before.Contains(list)).Select(list => state.Describe(source.Source, list, problem: null))];
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
        AnnounceVerified();
        return null;
    }

    /// <summary>Makes the lists of all sources the set that is asked, and gives what is to be told of it.</summary>
    /// <param name="before">The lists before the change.</param>
    /// <param name="given">Lists that a source has begun or ceased to give. They may be in memory all the same, for other anchors.</param>
    private CrlChange? Publish(HashSet<CertificateList> before, IReadOnlyList<CertificateList> given)
    {
        _sources.DropSuperseded(_timeProvider.GetUtcNow());
        var after = _sources.Lists.ToList();
        var anchors = _sources.Anchors();

        // One that nobody known signed says nothing about anybody: were it announced, whoever answers for a server could void every remembered
        // verdict and have every connection judged again, as often as it is asked. The operator's own sources are believed to concern somebody.
        foreach (var list in after.Where(list => list.IsVerified || !anchors.ContainsKey(list)).Except(before.Where(list => list.IsAnnounced)))
        {
            list.IsAnnounced = true;
            before.Remove(list);
        }

        // First the new set, then the memory: whoever still asks the old set finds the new one when it tries again.
        Volatile.Write(ref _current, new CrlSet(after, anchors));
        var removed = before.Except(after).ToList();
        removed.ForEach(list => list.Entries.Dispose());
        AwaitNextInForce(after);
        var changed = after.Except(before).Concat(removed).Concat(given).Where(list => list.IsAnnounced).ToHashSet();
        return changed.Count == 0 ? null : new CrlChange(Interlocked.Increment(ref _generation), changed);
    }

    /// <summary>CRLs that nobody was told of when they came turned out to be genuine: who was judged without them is judged again.</summary>
    private void AnnounceVerified()
    {
        CrlChange? change;
        lock (_gate)
        {
            // Of many handshakes that come upon the same news at once, one tells it: each new set has all questions under way asked again.
            if (_sources.Lists.All(list => list.IsAnnounced || !list.IsVerified))
            {
                return;
            }

            change = Publish(_sources.Lists.ToHashSet(), []);
        }

        Raise(change);
    }

    private void AwaitNextInForce(List<CertificateList> lists)
    {
        var now = _timeProvider.GetUtcNow();
        var coming = lists.Where(list => list.IsAnnounced && list.ThisUpdate > now).Select(list => list.ThisUpdate - now);
        if (coming.DefaultIfEmpty(TimeSpan.Zero).Min() is { Ticks: > 0 } wait)
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
            var lists = _sources.Lists.Where(list => list.IsAnnounced).ToList();
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
