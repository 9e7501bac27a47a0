using System.Collections.Frozen;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>All CRLs at one moment, by issuer. Immutable: a handshake sees one set from begin to end.</summary>
internal sealed class CrlSet
{
    private readonly FrozenDictionary<DistinguishedName, OfIssuer> _byIssuer;
    private readonly IReadOnlyDictionary<CertificateList, HashSet<string>> _anchors;

    /// <param name="lists">The CRLs.</param>
    /// <param name="anchors">For those that count under some trust anchors only, which.</param>
    public CrlSet(IEnumerable<CertificateList> lists, IReadOnlyDictionary<CertificateList, HashSet<string>>? anchors = null)
    {
        _byIssuer = lists.GroupBy(list => list.Issuer).ToFrozenDictionary(group => group.Key, group => new OfIssuer(group));
        _anchors = anchors ?? FrozenDictionary<CertificateList, HashSet<string>>.Empty;
    }

    /// <summary>No CRL at all.</summary>
    public static CrlSet Empty { get; } = new([]);

    /// <summary>The complete CRLs of an issuer, one array a scope, newest first.</summary>
    public IReadOnlyList<CertificateList[]> Complete(DistinguishedName issuer) => _byIssuer.TryGetValue(issuer, out var lists) ? lists.Complete : [];

    /// <summary>The delta CRLs of an issuer, newest first.</summary>
    public IReadOnlyList<CertificateList> Deltas(DistinguishedName issuer) => _byIssuer.TryGetValue(issuer, out var lists) ? lists.Deltas : [];

    /// <summary>Whether a CRL says anything about certificates under an anchor.</summary>
    public bool CountsUnder(CertificateList list, ParsedCertificate anchor)
        => !_anchors.TryGetValue(list, out var anchors) || anchors.Contains(anchor.Fingerprint);

    /// <summary>All CRLs of an issuer, complete ones first.</summary>
    public IReadOnlyList<CertificateList> All(DistinguishedName issuer) => _byIssuer.TryGetValue(issuer, out var lists) ? lists.All : [];

    /// <summary>
    /// The newer CRLs of the same scope. A delta CRL takes the place of another one only if it reports at least as much: from the same base
    /// on or an earlier one.
    /// </summary>
    public IEnumerable<CertificateList> Newer(CertificateList list)
        => list.IsDelta
            ? Deltas(list.Issuer).Where(other => IsNewer(other, list) && other.Scope == list.Scope && other.Extensions.BaseNumber <= list.Extensions.BaseNumber)
            : Complete(list.Issuer).First(scope => scope[0].Scope == list.Scope).Where(other => IsNewer(other, list));

    private static bool IsNewer(CertificateList other, CertificateList list) => other.Age.CompareTo(list.Age) > 0;

    private sealed class OfIssuer(IEnumerable<CertificateList> lists)
    {
        private static readonly Comparer<CertificateList> NewestFirst = Comparer<CertificateList>.Create((left, right) => right.Age.CompareTo(left.Age));

        public CertificateList[][] Complete { get; } =
            [.. lists.Where(list => !list.IsDelta).GroupBy(list => list.Scope).Select(scope => scope.Order(NewestFirst).ToArray())];

        public CertificateList[] Deltas { get; } = [.. lists.Where(list => list.IsDelta).Order(NewestFirst)];

        public CertificateList[] All { get; } = [.. lists.OrderBy(list => list.IsDelta)];
    }
}
