using System.Globalization;
using MtlsSidecar.Trust.Paths.Signatures;
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
public sealed class CrlStore
{
    private readonly CrlOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ICrlObserver? _observer;
    private readonly CrlWatermarks _watermarks;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, CrlSourceState> _sources = [];
    private CrlSet _current = CrlSet.Empty;
    private long _generation;

    /// <summary>Creates an empty store.</summary>
    /// <param name="options">Which CRLs count.</param>
    /// <param name="timeProvider">The clock by which a CRL is in force yet.</param>
    /// <param name="observer">Hears what happens.</param>
    public CrlStore(CrlOptions options, TimeProvider timeProvider, ICrlObserver? observer = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _timeProvider = timeProvider;
        _observer = observer;
        _watermarks = new CrlWatermarks(string.IsNullOrEmpty(options.CacheDirectory) ? null : CrlCache.WatermarkFile(options.CacheDirectory));
        if (_watermarks.LoadError is { } error)
        {
            observer?.CacheFailed(CrlCache.WatermarkFile(options.CacheDirectory!), error);
        }
    }

    /// <summary>Raised after the set has changed, on the thread that loaded.</summary>
    public event Action<CrlChange>? Changed;

    /// <summary>Grows whenever an earlier answer may no longer be given.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Which CRLs count.</summary>
    public CrlOptions Options => _options;

    /// <summary>Every CRL and every source that failed, for people.</summary>
    public IReadOnlyList<CrlStatus> Status
    {
        get
        {
            lock (_gate)
            {
                return [.. _sources.SelectMany(source => source.Value.Describe(source.Key))];
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

    /// <summary>The same, with where more could be had.</summary>
    internal CrlFinding Consult(RevocationQuestion question) => CrlCheck.Run(Volatile.Read(ref _current), _options, _watermarks, question);

    /// <summary>The dates of the CRL of a source that ends first; null when it has none.</summary>
    internal (DateTimeOffset ThisUpdate, DateTimeOffset NextUpdate)? LifetimeOf(string source)
    {
        lock (_gate)
        {
            return _sources.TryGetValue(source, out var state) && state.Newest.MinBy(list => list.NextUpdate) is { } first
                ? (first.ThisUpdate, first.NextUpdate)
                : null;
        }
    }

    /// <summary>Whether all that a source gave last is known to be signed by its issuer.</summary>
    internal bool IsVerified(string source)
    {
        lock (_gate)
        {
            return _sources.TryGetValue(source, out var state) && state.Newest.Count > 0 && state.Newest.All(list => !list.Signers.IsEmpty);
        }
    }

    /// <summary>Notes how a source is doing that gave nothing new; null: well.</summary>
    internal void Note(string source, string? error)
    {
        lock (_gate)
        {
            StateOf(source).LastError = error;
        }
    }

    /// <summary>Forgets a source and what it gave.</summary>
    internal void Forget(string source)
    {
        CrlChange? change = null;
        lock (_gate)
        {
            if (_sources.Remove(source, out var state))
            {
                change = Publish(state.Lists, []);
            }
        }

        Raise(change);
    }

    /// <summary>The same, without a copy; the buffer's content is undefined afterwards.</summary>
    internal string? Load(string source, NativeBuffer buffer)
    {
        List<CertificateList> lists;
        try
        {
            lists = CrlReader.ReadAll(buffer.Written);
        }
        catch (CrlFormatException exception)
        {
            return Refuse(source, exception.Message);
        }

        return Replace(source, lists);
    }

    /// <summary>Remembers that a source could not be read; what it gave before stays in force.</summary>
    internal string Refuse(string source, string reason)
    {
        Note(source, reason);
        _observer?.Refused(source, reason);
        return reason;
    }

    private string? Replace(string source, List<CertificateList> lists)
    {
        CrlChange? change;
        List<CrlStatus> loaded;
        lock (_gate)
        {
            var all = _sources.Values.SelectMany(state => state.Lists).ToList();
            lists = [.. lists.Select(list => all.Find(known => known.Fingerprint == list.Fingerprint) ?? list)];
            foreach (var list in lists)
            {
                VerifyByKnownSigners(list, all);
                if (all.Find(known => Supersedes(known, list)) is { } newer)
                {
                    return RefuseOlder(source, list, newer);
                }
            }

            var state = StateOf(source);
            var before = state.Lists;
            state.Replace(lists);
            state.LastError = null;
            change = Publish(before, state.Lists);
            loaded = [.. state.Describe(source).Where((_, index) => !all.Contains(state.Lists[index]))];
        }

        loaded.ForEach(status => _observer?.Loaded(status));
        Raise(change);
        return null;
    }

    private void Raise(CrlChange? change)
    {
        if (change is not null)
        {
            Changed?.Invoke(change);
        }
    }

    private CrlSourceState StateOf(string source)
    {
        if (!_sources.TryGetValue(source, out var state))
        {
            _sources.Add(source, state = new CrlSourceState());
        }

        return state;
    }

    /// <summary>Keys that signed the predecessors are tried at once, so that a forged successor displaces nothing.</summary>
    private void VerifyByKnownSigners(CertificateList list, List<CertificateList> known)
    {
        foreach (var key in known.Where(other => other.Issuer.Equals(list.Issuer)).SelectMany(other => other.Signers).ToList())
        {
            if (!list.IsSignedBy(key) && SubjectKey.TryRead(key, out var usable, out _) && list.Signature.Verifies(usable, _options.AlgorithmFloor))
            {
                list.Remember(key);
            }
        }
    }

    private CrlChange? Publish(IReadOnlyList<CertificateList> before, IReadOnlyList<CertificateList> after)
    {
        var now = _timeProvider.GetUtcNow();
        var all = _sources.Values.SelectMany(state => state.Lists).Distinct().ToList();
        foreach (var state in _sources.Values)
        {
            // A successor from the future is not in force yet: its predecessor still answers.
            state.Drop(list => all.Exists(other => other.ThisUpdate <= now && Supersedes(other, list)));
        }

        var changed = before.Except(after).Concat(after.Except(before)).ToList();
        if (changed.Count == 0)
        {
            return null;
        }

        Volatile.Write(ref _current, new CrlSet(_sources.Values.SelectMany(state => state.Lists).Distinct()));
        return new CrlChange(Interlocked.Increment(ref _generation), changed);
    }

    private string RefuseOlder(string source, CertificateList list, CertificateList newer)
    {
        var reason = string.Create(CultureInfo.InvariantCulture,
            $"CRL {list.Extensions.Number} of {list.IssuerText}, {list.ThisUpdate:u}, is older than CRL {newer.Extensions.Number}, {newer.ThisUpdate:u}, which stays in force");
        StateOf(source).LastError = reason;
        _observer?.Refused(source, reason);
        return reason;
    }

    private static bool Supersedes(CertificateList newer, CertificateList older)
        => newer != older
            && newer.Scope == older.Scope
            && newer.Age.CompareTo(older.Age) > 0
            && newer.Signers.Any(key => older.IsSignedBy(key));
}
