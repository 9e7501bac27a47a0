using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// What each file and URL has given, and which CRL may take another's place. Not for several threads: the store guards it.
/// </summary>
internal sealed class CrlSources(bool algorithmFloor)
{
    private readonly Dictionary<string, CrlSourceState> _states = [];

    /// <summary>Every CRL once.</summary>
    public IEnumerable<CertificateList> Lists => _states.Values.SelectMany(state => state.Lists).Distinct();

    /// <summary>Every source for people.</summary>
    public IEnumerable<CrlStatus> Describe() => _states.SelectMany(source => source.Value.Describe(source.Key));

    /// <summary>The state of a source; null when it was never heard of.</summary>
    public CrlSourceState? Find(string source) => _states.GetValueOrDefault(source);

    /// <summary>The state of a source, new when it was never heard of.</summary>
    public CrlSourceState Get(string source)
    {
        if (!_states.TryGetValue(source, out var state))
        {
            _states.Add(source, state = new CrlSourceState());
        }

        return state;
    }

    /// <summary>Puts CRLs in place of what the source gave before, unless one of them is older than what is in force: then nothing changes.</summary>
    /// <returns>The older one and the newer one that stays, or null.</returns>
    public (CertificateList Older, CertificateList Newer)? TryReplace(string source, IReadOnlyList<CertificateList> loaded)
    {
        var known = Lists.ToList();
        var lists = loaded.Select(list => known.Find(other => other.Fingerprint == list.Fingerprint) ?? list).ToList();
        foreach (var list in lists)
        {
            VerifyByKnownSigners(list, known);
            if (known.Find(other => Supersedes(other, list)) is { } newer)
            {
                return (list, newer);
            }
        }

        Get(source).Replace(lists);
        return null;
    }

    /// <summary>Forgets a source and what it gave.</summary>
    public void Forget(string source) => _states.Remove(source);

    /// <summary>
    /// Lets go of CRLs in whose place a newer one is in force. One from the future is not yet: its predecessor still answers. The newer one is
    /// kept for the older one's source too: it may come from a URL that is forgotten again, and the issuer would be left without any.
    /// </summary>
    public void DropSuperseded(DateTimeOffset now)
    {
        var inForce = Lists.Where(list => list.ThisUpdate <= now).ToList();
        var newest = inForce.Where(list => !inForce.Exists(other => Supersedes(other, list))).ToList();
        foreach (var state in _states.Values)
        {
            state.Supersede(list => newest.Find(other => Supersedes(other, list)));
        }
    }

    /// <summary>Only a CRL that a key of the same issuer is known to have signed displaces another: anybody can write a high number.</summary>
    private static bool Supersedes(CertificateList newer, CertificateList older)
        => newer != older
            && newer.Scope == older.Scope
            && newer.Age.CompareTo(older.Age) > 0
            && newer.Signers.Any(key => older.IsSignedBy(key));

    /// <summary>Keys that signed the predecessors are tried at once, so that a forged successor displaces nothing.</summary>
    private void VerifyByKnownSigners(CertificateList list, List<CertificateList> known)
    {
        foreach (var key in known.Where(other => other.Issuer.Equals(list.Issuer)).SelectMany(other => other.Signers).ToList())
        {
            if (!list.IsSignedBy(key) && SubjectKey.TryRead(key, out var usable, out _) && list.Signature.Verifies(usable, algorithmFloor))
            {
                list.Remember(key);
            }
        }
    }
}
