using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Trust.Revocation;

/// <summary>Puts CRLs and OCSP in order.</summary>
public static class RevocationSources
{
    /// <summary>The sources to ask one after the other until one knows.</summary>
    /// <param name="order">Which comes first.</param>
    /// <param name="crls">The CRLs in memory.</param>
    /// <param name="crlFetcher">What fetches further CRLs; null: only memory is asked.</param>
    /// <param name="ocsp">OCSP; null when it is off.</param>
    public static IReadOnlyList<IRevocationSource> InOrder(RevocationOrder order, CrlStore crls, CrlFetcher? crlFetcher, IRevocationSource? ocsp)
    {
        var crl = new CrlRevocationSource(crls, crlFetcher);
        return (order, ocsp) switch
        {
            (_, null) => [crl],
            (RevocationOrder.CrlFirst, _) => [crl, ocsp],
            _ => [new KnownRevocationSource(crls), ocsp, crl],
        };
    }
}
