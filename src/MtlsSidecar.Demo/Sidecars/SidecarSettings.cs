using System.Text.Json;
using MtlsSidecar.Demo.Pki;

namespace MtlsSidecar.Demo.Sidecars;

/// <summary>
/// The settings of a sidecar. Every port is 0: the system picks a free one, and the sidecar tells which. That is why upstreams are only
/// known once all sidecars run; they are added by a reload.
/// </summary>
internal sealed record SidecarSettings(Workload Workload, DemoAuthority Authority, Uri Application, SidecarPolicy Policy, SidecarTunnel Tunnel)
{
    private const string AnyPlainPort = "http://127.0.0.1:0";
    private const string AnyTlsPort = "https://127.0.0.1:0";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Peers that the service may call: where the sidecar of each listens.</summary>
    public IReadOnlyDictionary<Workload, Uri> Upstreams { get; init; } = new Dictionary<Workload, Uri>();

    /// <summary>The text of <c>appsettings.json</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Sidecar = new
            {
                Workload.Name,
                Identity = new { Source = "Est", Est = new { Url = Authority.Addresses.Listen, Workload.TokenFile, Workload.StateDirectory } },
                Trust = new { Workload.TrustDomain, Authority.BundleFile },
                Validation = new { Revocation = "Chain", UnknownStatus = "Reject", Crl = new { Urls = Authority.CrlUrls, RefreshInterval = "00:00:01" } },
                Inbound = new { Listen = AnyTlsPort, Application = Application.GetLeftPart(UriPartial.Authority) },
                Outbound = new { Listen = AnyPlainPort, Upstreams = Upstreams.ToDictionary(upstream => upstream.Key.Name, upstream => Describe(upstream.Key, upstream.Value)) },
                Tunnels = new Dictionary<string, object> { [Tunnel.Name] = Tunnel.ToSetting() },
                Authorization = new { Policies = new[] { Policy.ToSetting() } },
                Admin = new { Listen = AnyPlainPort, Probes = AnyPlainPort },
                Drain = new { GracePeriod = "00:00:02" },
            },
        },
        Indented);

    private static object Describe(Workload peer, Uri sidecar) => new
    {
        Destinations = new[] { sidecar.GetLeftPart(UriPartial.Authority) },
        PeerIdentities = new[] { peer.SpiffeId },
    };
}
