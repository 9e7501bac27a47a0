using System.Globalization;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What one file or URL has given. Guarded by the store's lock.</summary>
/// <param name="isLearned">Whether a certificate named it, so that what it keeps in memory must have an end whatever its server sends.</param>
internal sealed class CrlSourceState(bool isLearned)
{
    /// <summary>How many CRLs of earlier loads a URL out of a certificate may keep.</summary>
    private const int MaxKept = 64;
    private IReadOnlyList<CertificateList> _settled = [];

    /// <summary>The CRLs in memory, those of the last load first.</summary>
    public IReadOnlyList<CertificateList> Lists { get; private set; } = [];

    /// <summary>Those of the last load, whether or not something newer has come since.</summary>
    public IReadOnlyList<CertificateList> Newest { get; private set; } = [];

    /// <summary>Hash of the last load's bytes; null before there was one.</summary>
    public string? Content { get; set; }

    /// <summary>Why the last load failed; null when it did not.</summary>
    public string? LastError { get; set; }

    /// <summary>What is wrong with the signatures of the last load; null when nothing is known to be.</summary>
    public string? Untrusted { get; set; }

    /// <summary>
    /// Takes a new load. What was believed before stays until something believable supersedes it. Of what could not be verified yet only the
    /// load before this one stays, as which of the two is genuine shows when the issuer's certificate comes; else whoever answers for a
    /// server could fill the memory by sending something else each time.
    /// </summary>
    /// <param name="loaded">The CRLs of the load.</param>
    /// <param name="isSettled">Whether an earlier process had verified them: no answer that can't be verified displaces these.</param>
    public void Replace(IReadOnlyList<CertificateList> loaded, bool isSettled)
    {
        var predecessor = Newest.Except(loaded).ToHashSet();
        var kept = Lists.Except(loaded).Where(list => list.IsVerified || predecessor.Contains(list) || _settled.Contains(list));
        if (isLearned)
        {
            kept = kept.OrderByDescending(list => list.IsVerified).ThenByDescending(list => list.ThisUpdate).Take(MaxKept);
        }

        Lists = [.. loaded, .. kept];
        Newest = loaded;
        _settled = isSettled ? loaded : _settled;
    }

    /// <summary>Puts lists in the place of their predecessors.</summary>
    public void Supersede(Func<CertificateList, CertificateList?> successorOf) => Lists = [.. Lists.Select(list => successorOf(list) ?? list).Distinct()];

    /// <summary>One line for each list; one with the error alone when there is none. What a predecessor's dates say is nobody's problem any more.</summary>
    public IEnumerable<CrlStatus> Describe(string source, Func<CertificateList, string?> problemOf)
        => Lists.Count == 0 && LastError is not null
            ? [new CrlStatus(source, null, null, false, null, null, 0, LastError)]
            : Lists.Select(list => Describe(source, list, Newest.Contains(list) ? problemOf(list) : null));

    /// <summary>The line for one list.</summary>
    public CrlStatus Describe(string source, CertificateList list, string? problem) => new(
        source,
        list.IssuerText,
        list.Extensions.Number?.ToString(CultureInfo.InvariantCulture),
        list.IsDelta,
        list.ThisUpdate,
        list.NextUpdate,
        list.Entries.Count,
        LastError ?? Untrusted ?? problem);
}
