namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Trust:Federated:NAME</c>: another trust domain.</summary>
public sealed class FederatedBundleOptions
{
    /// <summary>PEM file with the trust anchors of that trust domain. Required.</summary>
    public required string BundleFile { get; init; }
}
