using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources;

/// <summary>Fixed trust anchors for peers of any trust domain: for audits and commands, never for the daemon.</summary>
public sealed class AnchorSource(IReadOnlyList<ParsedCertificate> anchors) : ITrustBundleSource
{
    private readonly TrustBundleSet _bundles = TrustBundleSet.ForAnyTrustDomain(anchors);

    /// <inheritdoc/>
    public (TrustBundleSet Bundles, long Generation) Current => (_bundles, 0);
}
