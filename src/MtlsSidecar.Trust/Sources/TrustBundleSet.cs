using System.Collections.Frozen;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources;

/// <summary>All trust bundles at one moment: the own one and those of federated trust domains. Immutable.</summary>
public sealed class TrustBundleSet
{
    private readonly FrozenDictionary<TrustDomain, TrustBundle> _federated;
    private readonly bool _anyTrustDomain;

    /// <summary>Creates a set.</summary>
    /// <param name="own">The own trust domain's bundle.</param>
    /// <param name="federated">Bundles of other trust domains.</param>
    public TrustBundleSet(TrustBundle own, IEnumerable<TrustBundle> federated)
    {
        Own = own;
        _federated = federated.ToFrozenDictionary(bundle => bundle.TrustDomain ?? throw new ArgumentException("a federated bundle needs a trust domain", nameof(federated)));
    }

    private TrustBundleSet(TrustBundle own)
        : this(own, [])
        => _anyTrustDomain = true;

    /// <summary>The own trust domain's bundle.</summary>
    public TrustBundle Own { get; }

    /// <summary>The bundles of federated trust domains.</summary>
    public IEnumerable<TrustBundle> Federated => _federated.Values;

    /// <summary>A set whose anchors count for peers of any trust domain. Only where nobody acts upon a SPIFFE ID: see <see cref="AnchorSource"/>.</summary>
    public static TrustBundleSet ForAnyTrustDomain(IReadOnlyList<ParsedCertificate> anchors) => new(new TrustBundle(null, anchors));

    /// <summary>
    /// The one bundle under which a peer may be validated: that of its SPIFFE ID's trust domain, or the own one for a peer without a SPIFFE
    /// ID. Null for a stranger's trust domain: a federated root must not be able to vouch for another domain's workloads.
    /// </summary>
    public TrustBundle? For(SpiffeId? id)
    {
        if (_anyTrustDomain || id is not { } spiffeId || spiffeId.TrustDomain == Own.TrustDomain)
        {
            return Own;
        }

        return _federated.GetValueOrDefault(spiffeId.TrustDomain);
    }
}
