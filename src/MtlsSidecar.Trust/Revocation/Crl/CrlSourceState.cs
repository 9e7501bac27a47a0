using System.Globalization;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What one file or URL has given. Guarded by the store's lock.</summary>
internal sealed class CrlSourceState
{
    private List<CertificateList> _lists = [];

    /// <summary>The CRLs in memory, those of the last load first.</summary>
    public IReadOnlyList<CertificateList> Lists => _lists;

    /// <summary>Those of the last load that are still in memory.</summary>
    public IReadOnlyList<CertificateList> Newest { get; private set; } = [];

    /// <summary>Why the last load failed; null when it did not.</summary>
    public string? LastError { get; set; }

    /// <summary>
    /// Takes a new load. What was believed before stays until something believable supersedes it; of what could not be verified yet, one
    /// predecessor for each scope stays: which of the two is genuine shows when the issuer's certificate comes.
    /// </summary>
    public void Replace(IReadOnlyList<CertificateList> loaded)
    {
        var kept = _lists.Except(loaded).ToList();
        var unverified = kept.Where(list => list.Signers.IsEmpty).GroupBy(list => list.Scope).SelectMany(scope => scope.Skip(1)).ToHashSet();
        Newest = loaded;
        _lists = [.. loaded, .. kept.Where(list => !unverified.Contains(list))];
    }

    /// <summary>Forgets lists.</summary>
    public void Drop(Predicate<CertificateList> match) => _lists = [.. _lists.Where(list => !match(list))];

    /// <summary>One line for each list, in their order; one with the error alone when there is none.</summary>
    public IEnumerable<CrlStatus> Describe(string source)
    {
        if (_lists.Count == 0 && LastError is not null)
        {
            return [new CrlStatus(source, null, null, false, null, null, 0, LastError)];
        }

        return _lists.Select(list => new CrlStatus(
            source,
            list.IssuerText,
            list.Extensions.Number?.ToString(CultureInfo.InvariantCulture),
            list.IsDelta,
            list.ThisUpdate,
            list.NextUpdate,
            list.Entries.Count,
            LastError));
    }
}
