using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>Ties the gauges to what they show.</summary>
internal static class Gauges
{
    /// <summary>Ties them; call once.</summary>
    public static void Observe(SidecarMetrics metrics, ConnectionRegistry connections, ISvidSource svid, ITrustBundleSource trust, CrlStore crls)
    {
        metrics.ObserveConnections(connections.Count);
        metrics.ObserveCertificates(() =>
        [
            .. svid.Current is { } own ? (ObservedCertificate[])[new ObservedCertificate("identity", own.Certificate.NotAfter)] : [],
            new ObservedCertificate("trust_anchor", trust.Current.Bundles.Own.Anchors.Min(anchor => anchor.NotAfter)),
        ]);
        metrics.ObserveCrls(() => crls.Status
            .Where(crl => crl.Issuer is not null)
            .Select(crl => new ObservedCrl(crl.Issuer!, crl.NextUpdate, crl.Entries)));
    }
}
