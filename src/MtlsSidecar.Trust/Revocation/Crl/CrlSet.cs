using System.Collections.Frozen;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>All CRLs at one moment, by issuer. Immutable: a handshake sees one set from begin to end.</summary>
internal sealed class CrlSet
{
    private readonly FrozenDictionary<DistinguishedName, IssuerCrls> _byIssuer;
    private readonly IReadOnlyDictionary<CertificateList, HashSet<string>> _anchors;

    /// <param name="lists">The CRLs.</param>
    /// <param name="anchors">For those that count under some trust anchors only, which.</param>
    public CrlSet(IEnumerable<CertificateList> lists, IReadOnlyDictionary<CertificateList, HashSet<string>>? anchors = null)
    {
        _byIssuer = lists.GroupBy(list => list.Issuer).ToFrozenDictionary(group => group.Key, group => new IssuerCrls(group.Key, [.. group]));
        _anchors = anchors ?? FrozenDictionary<CertificateList, HashSet<string>>.Empty;
    }

    /// <summary>No CRL at all.</summary>
    public static CrlSet Empty { get; } = new([]);

    /// <summary>The CRLs of an issuer.</summary>
    public IssuerCrls Of(DistinguishedName issuer) => _byIssuer.TryGetValue(issuer, out var lists) ? lists : IssuerCrls.None;

    /// <summary>Whether a CRL says anything about certificates under an anchor.</summary>
    public bool CountsUnder(CertificateList list, ParsedCertificate anchor)
        => !_anchors.TryGetValue(list, out var anchors) || anchors.Contains(anchor.Fingerprint);
}
