using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Trust</c>: whose certificates are believed. The files are watched and reload without a restart.</summary>
public sealed class TrustOptions
{
    /// <summary>The own trust domain. Default: that of the own SPIFFE ID; required if there is none.</summary>
    public TrustDomain? TrustDomain { get; init; }

    /// <summary>PEM file with the trust anchors of the own trust domain. Required.</summary>
    public required string BundleFile { get; init; }

    /// <summary>Other trust domains by name, each believed for its own SPIFFE IDs only. Default none.</summary>
    public Dictionary<string, FederatedBundleOptions> Federated { get; init; } = new(StringComparer.OrdinalIgnoreCase);
}
