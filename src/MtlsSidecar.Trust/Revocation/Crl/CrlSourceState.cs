using System.Globalization;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What one file or URL has given. Guarded by the store's lock.</summary>
internal sealed class CrlSourceState
{
    /// <summary>The CRLs in memory, those of the last load first.</summary>
    public IReadOnlyList<CertificateList> Lists { get; private set; } = [];

    /// <summary>Those of the last load, whether or not something newer has come since.</summary>
    public IReadOnlyList<CertificateList> Newest { get; private set; } = [];

    /// <summary>Hash of the last load's bytes; null before there was one.</summary>
    public string? Content { get; set; }

    /// <summary>Why the last load failed; null when it did not.</summary>
    public string? LastError { get; set; }

    /// <summary>
    /// Takes a new load. What was believed before stays until something believable supersedes it; of what could not be verified yet, one
    /// predecessor for each scope stays: which of the two is genuine shows when the issuer's certificate comes.
    /// </summary>
    public void Replace(IReadOnlyList<CertificateList> loaded)
    {
        var kept = Lists.Except(loaded).ToList();
        var unverified = kept.Where(list => list.Signers.IsEmpty).GroupBy(list => list.Scope).SelectMany(scope => scope.Skip(1)).ToHashSet();
        Newest = loaded;
        Lists = [.. loaded, .. kept.Where(list => !unverified.Contains(list))];
    }

    /// <summary>Puts lists in the place of their predecessors.</summary>
    public void Supersede(Func<CertificateList, CertificateList?> successorOf) => Lists = [.. Lists.Select(list => successorOf(list) ?? list).Distinct()];

    /// <summary>One line for each list; one with the error alone when there is none.</summary>
    public IEnumerable<CrlStatus> Describe(string source)
        => Lists.Count == 0 && LastError is not null
            ? [new CrlStatus(source, null, null, false, null, null, 0, LastError)]
            : Lists.Select(list => Describe(source, list));

    /// <summary>The line for one list.</summary>
    public CrlStatus Describe(string source, CertificateList list) => new(
        source,
        list.IssuerText,
        list.Extensions.Number?.ToString(CultureInfo.InvariantCulture),
        list.IsDelta,
        list.ThisUpdate,
        list.NextUpdate,
        list.Entries.Count,
        LastError);
}
