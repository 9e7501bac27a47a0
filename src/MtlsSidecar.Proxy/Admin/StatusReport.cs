using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>Tells how this sidecar is.</summary>
internal sealed class StatusReport(
    SidecarOptions options, (ISvidSource Svid, FileTrustBundleSource Bundles, CrlStore Crls) trust, (ConnectionRegistry Open, RecentRefusals Refused) connections, Reload reload, TimeProvider timeProvider)
{
    private readonly long _started = timeProvider.GetTimestamp();

    /// <summary>Takes stock.</summary>
    public StatusAnswer Create() => new(
        options.Name,
        BuildVersion.Text,
        timeProvider.GetElapsedTime(_started).TotalSeconds,
        new ConfigurationStatus(reload.LastErrorOf(ConfigurationReload.Name)),
        DescribeIdentity(),
        [.. DescribeTrust()],
        [.. trust.Crls.Status.Select(crl => new CrlStatusAnswer(crl.Issuer, crl.Number, crl.ThisUpdate, crl.NextUpdate, crl.Entries, crl.Source, crl.LastError))],
        new ConnectionCounts(connections.Open.CountHttp(ConnectionDirection.Inbound), connections.Open.CountHttp(ConnectionDirection.Outbound), connections.Open.CountTunnels()),
        connections.Refused.Snapshot());

    private IdentityStatus DescribeIdentity()
    {
        var svid = trust.Svid.Current;
        return new IdentityStatus(
            svid?.Certificate.SubjectText, svid?.SpiffeId?.ToString(), svid?.Certificate.SerialNumberText, svid?.Certificate.NotAfter, trust.Svid.LastError);
    }

    private IEnumerable<TrustStatus> DescribeTrust()
    {
        var bundles = trust.Bundles.Current.Bundles;
        return bundles.Federated.Prepend(bundles.Own).Select(bundle => new TrustStatus(bundle.TrustDomain?.ToString(), bundle.Anchors.Count, trust.Bundles.LastError));
    }
}
