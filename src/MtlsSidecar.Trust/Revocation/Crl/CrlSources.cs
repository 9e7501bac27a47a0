using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// What each file and URL has given, and which CRL may take another's place. Not for several threads: the store guards it.
/// </summary>
/// <param name="algorithmFloor">Whether weak signatures count for nothing.</param>
/// <param name="issuerKeys">The authorities' keys that are known.</param>
internal sealed class CrlSources(bool algorithmFloor, CrlIssuerKeys issuerKeys)
{
    // An issuer has one key, two while it changes them; who sends CRLs in its name must not choose how many are tried.
    private const int MaxKeysTried = 8;
    private readonly Dictionary<CrlSourceKey, CrlSourceState> _states = [];

    /// <summary>Every CRL once.</summary>
    public IEnumerable<CertificateList> Lists => _states.Values.SelectMany(state => state.Lists).Distinct();

    /// <summary>Every source for people.</summary>
    /// <param name="problemOf">What is wrong with a list by its dates.</param>
    public IEnumerable<CrlStatus> Describe(Func<CertificateList, string?> problemOf) => _states.SelectMany(source => source.Value.Describe(source.Key.Source, problemOf));

    /// <summary>The state of a source; null when it was never heard of.</summary>
    public CrlSourceState? Find(CrlSourceKey source) => _states.GetValueOrDefault(source);

    /// <summary>The state of a source, new when it was never heard of.</summary>
    public CrlSourceState Get(CrlSourceKey source)
    {
        if (!_states.TryGetValue(source, out var state))
        {
            _states.Add(source, state = new CrlSourceState(source.IsLearned));
        }

        return state;
    }

    /// <summary>Puts CRLs in place of what the source gave before, unless one of them is older than what is in force: then nothing changes.</summary>
    /// <returns>The older one and the newer one that stays, or null.</returns>
    public (CertificateList Older, CertificateList Newer)? TryReplace(CrlSourceKey source, IReadOnlyList<CertificateList> loaded, bool isSettled)
    {
        var known = new CrlIndex(Lists);
        var lists = loaded.Select(list => known.Same(list) ?? list).ToList();
        foreach (var list in lists)
        {
            VerifyByKnownKeys(list, known);
            if (known.NewerThan(list) is { } newer)
            {
                return (list, newer);
            }
        }

        Get(source).Replace(lists, isSettled);
        return null;
    }

    /// <summary>Tries the keys that are known now on CRLs that were loaded before.</summary>
    public void VerifyByKnownKeys(IReadOnlyList<CertificateList> lists)
    {
        var known = new CrlIndex(Lists);
        foreach (var list in lists.Where(list => !list.IsVerified))
        {
            VerifyByKnownKeys(list, known);
        }
    }

    /// <summary>Forgets a source and what it gave.</summary>
    public void Forget(CrlSourceKey source) => _states.Remove(source);

    /// <summary>
    /// Lets go of CRLs in whose place a newer one is in force. One from the future is not yet: its predecessor still answers. The newer one is
    /// kept for the older one's source too: it may come from a URL that is forgotten again, and the issuer would be left without any.
    /// </summary>
    public void DropSuperseded(DateTimeOffset now)
    {
        var inForce = Lists.Where(list => list.IsVerified && list.ThisUpdate <= now).ToList();
        var all = new CrlIndex(inForce);
        var newest = new CrlIndex(inForce.Where(list => all.NewerThan(list) is null));
        foreach (var state in _states.Values)
        {
            state.Supersede(newest.NewerThan);
        }
    }

    /// <summary>The anchors under which each CRL counts; those that count under any are not named.</summary>
    public Dictionary<CertificateList, HashSet<string>> Anchors()
    {
        var anchors = new Dictionary<CertificateList, HashSet<string>>();
        foreach (var (source, state) in _states)
        {
            foreach (var list in source.Anchor is null ? [] : state.Lists)
            {
                (anchors.TryGetValue(list, out var known) ? known : anchors[list] = []).Add(source.Anchor!);
            }
        }

        foreach (var list in _states.Where(source => !source.Key.IsLearned).SelectMany(source => source.Value.Lists))
        {
            anchors.Remove(list);
        }

        return anchors;
    }

    /// <summary>
    /// Keys that signed the predecessors, or are those of authorities on paths that held, are tried at once, so that a forged successor
    /// displaces nothing and a genuine one is in force without being asked for.
    /// </summary>
    private void VerifyByKnownKeys(CertificateList list, CrlIndex known)
    {
        var tried = 0;
        foreach (var key in known.SignersOf(list.Issuer).Concat(issuerKeys.Of(list.Issuer)))
        {
            if (list.IsSignedBy(key.Span) || list.IsForeign(key.Span))
            {
                continue;
            }

            if (++tried > MaxKeysTried)
            {
                return;
            }

            if (SubjectKey.TryRead(key, out var usable, out _) && list.Signature.Verifies(usable, algorithmFloor))
            {
                list.Remember(key.Span);
            }
            else
            {
                list.RememberForeign(key.Span);
            }
        }
    }
}
