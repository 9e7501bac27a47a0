using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources;

/// <summary>Trust bundles have changed: what was judged before about peers of these trust domains must be judged again.</summary>
public sealed class TrustChange
{
    private readonly bool _own;
    private readonly TrustDomain? _ownDomain;
    private readonly HashSet<TrustDomain> _federated;

    internal TrustChange(TrustBundleSet before, TrustBundleSet after)
    {
        // A domain that is ours from now on, or no longer, is judged by another bundle: all that the own one judges is concerned.
        _own = before.Own.TrustDomain != after.Own.TrustDomain || !IsSame(before.Own, after.Own);
        _ownDomain = after.Own.TrustDomain;
        var old = before.Federated.ToDictionary(bundle => bundle.TrustDomain!.Value);
        _federated = [.. after.Federated.Where(bundle => !old.Remove(bundle.TrustDomain!.Value, out var known) || !IsSame(known, bundle)).Select(bundle => bundle.TrustDomain!.Value)];
        _federated.UnionWith(old.Keys);
    }

    /// <summary>Whether anything has changed at all.</summary>
    internal bool IsAny => _own || _federated.Count > 0;

    /// <summary>Whether peers of that trust domain are concerned.</summary>
    /// <param name="trustDomain">Null: peers without a SPIFFE ID, whom the own bundle vouches for.</param>
    public bool Concerns(TrustDomain? trustDomain)
        => trustDomain is not { } domain || domain == _ownDomain ? _own : _federated.Contains(domain);

    private static bool IsSame(TrustBundle left, TrustBundle right)
        => left.Anchors.Select(anchor => anchor.Fingerprint).SequenceEqual(right.Anchors.Select(anchor => anchor.Fingerprint));
}
