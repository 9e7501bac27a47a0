using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The authorities that are known without a peer: every trust anchor, and the intermediates of the own identity.</summary>
/// <param name="Anchors">The anchors of all trust domains.</param>
/// <param name="Intermediates">Further certificates of authorities; believed only where a path leads from them to an anchor.</param>
public sealed record KnownIssuers(IReadOnlyList<ParsedCertificate> Anchors, IReadOnlyList<ParsedCertificate> Intermediates)
{
    /// <summary>Gathers them.</summary>
    /// <param name="bundles">The trust bundles.</param>
    /// <param name="svid">The own identity, if there is one yet.</param>
    public static KnownIssuers Of(TrustBundleSet bundles, X509Svid? svid)
    {
        ArgumentNullException.ThrowIfNull(bundles);
        var intermediates = new List<ParsedCertificate>();
        foreach (var rawData in svid?.Intermediates ?? [])
        {
            // What can't be read vouches for nothing.
            if (ParsedCertificate.TryParse(rawData, out var certificate, out _))
            {
                intermediates.Add(certificate);
            }
        }

        return new KnownIssuers([.. bundles.Federated.Prepend(bundles.Own).SelectMany(bundle => bundle.Anchors)], intermediates);
    }
}
