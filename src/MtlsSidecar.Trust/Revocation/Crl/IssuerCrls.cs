using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The CRLs of one issuer at one moment. Arrays, as every handshake walks them.</summary>
internal sealed class IssuerCrls
{
    private static readonly Comparer<CertificateList> NewestFirst = Comparer<CertificateList>.Create((left, right) => right.Age.CompareTo(left.Age));
    private readonly CertificateList[][] _scopes;

    public IssuerCrls(DistinguishedName issuer, IReadOnlyCollection<CertificateList> lists)
    {
        ImpliedPoints = [DistributionPoint.Implied(issuer)];
        _scopes = [.. lists.GroupBy(list => list.Scope).Select(scope => scope.Order(NewestFirst).ToArray())];
        Deltas = [.. lists.Where(list => list.IsDelta).Order(NewestFirst)];
        All = [.. _scopes.SelectMany(scope => scope).OrderBy(list => list.IsDelta)];
    }

    private IssuerCrls() => (ImpliedPoints, _scopes, Deltas, All) = ([], [], [], []);

    /// <summary>Those of an issuer that has none.</summary>
    public static IssuerCrls None { get; } = new();

    /// <summary>The point that every certificate of the issuer has; none when it would lead to no CRL.</summary>
    public DistributionPoint[] ImpliedPoints { get; }

    /// <summary>All, complete ones first, and of each scope the newest first.</summary>
    public CertificateList[] All { get; }

    /// <summary>The delta CRLs, newest first.</summary>
    public CertificateList[] Deltas { get; }

    /// <summary>Those of one scope, newest first.</summary>
    public ReadOnlySpan<CertificateList> Of(CrlScope scope)
    {
        foreach (var lists in _scopes)
        {
            if (lists[0].Scope == scope)
            {
                return lists;
            }
        }

        return [];
    }
}
