using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>CRLs by what one is looked up by when another comes, so that many of them don't have to be compared each with each.</summary>
internal sealed class CrlIndex
{
    private readonly Dictionary<string, CertificateList> _byFingerprint = [];
    private readonly Dictionary<CrlScope, List<CertificateList>> _verified = [];
    private readonly ILookup<DistinguishedName, CertificateList> _verifiedByIssuer;

    public CrlIndex(IEnumerable<CertificateList> lists)
    {
        foreach (var list in lists)
        {
            _byFingerprint.TryAdd(list.Fingerprint, list);
            if (list.IsVerified)
            {
                if (!_verified.TryGetValue(list.Scope, out var scope))
                {
                    _verified.Add(list.Scope, scope = []);
                }

                scope.Add(list);
            }
        }

        _verifiedByIssuer = _verified.Values.SelectMany(scope => scope).ToLookup(list => list.Issuer);
    }

    /// <summary>The same CRL, if it is here already.</summary>
    public CertificateList? Same(CertificateList list) => _byFingerprint.GetValueOrDefault(list.Fingerprint);

    /// <summary>One in whose place the list must not come, or that takes the list's place.</summary>
    public CertificateList? NewerThan(CertificateList list)
        => _verified.TryGetValue(list.Scope, out var scope) ? scope.Find(other => Supersedes(other, list)) : null;

    /// <summary>The keys that have signed CRLs of an issuer.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> SignersOf(DistinguishedName issuer)
        => _verifiedByIssuer[issuer].SelectMany(list => list.Signers).Select(key => (ReadOnlyMemory<byte>)key.Info);

    /// <summary>Only a CRL that a key of the same issuer is known to have signed displaces another: anybody can write a high number.</summary>
    private static bool Supersedes(CertificateList newer, CertificateList older)
        => newer != older && newer.Age.CompareTo(older.Age) > 0 && newer.Signers.Any(key => older.IsSignedBy(key.Info));
}
