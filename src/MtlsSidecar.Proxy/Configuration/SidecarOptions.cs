using MtlsSidecar.Proxy.Configuration.Constraints;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary>The <c>Sidecar</c> section. Sections that are not given are off, save <see cref="Admin"/> and <see cref="Drain"/>.</summary>
public sealed class SidecarOptions
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Sidecar";

    /// <summary>The name shown in logs, metrics and status. Default <c>mtls-sidecar</c>; 1 to 253 printable characters.</summary>
    public string Name { get; init; } = "mtls-sidecar";

    /// <summary>Who this workload is.</summary>
    public IdentityOptions Identity { get; init; } = new();

    /// <summary>Whose certificates are believed.</summary>
    public required TrustOptions Trust { get; init; }

    /// <summary>What a peer's certificate is held to.</summary>
    public ValidationOptions Validation { get; init; } = new();

    /// <summary>Mutual TLS from peers to the local application; off when absent.</summary>
    public InboundOptions? Inbound { get; init; }

    /// <summary>The local application's requests to peers over mutual TLS; off when absent.</summary>
    public OutboundOptions? Outbound { get; init; }

    /// <summary>Opaque TCP over mutual TLS, by name. Default none.</summary>
    public Dictionary<string, TunnelOptions> Tunnels { get; init; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Who may do what inbound. Default no policy, which denies everything.</summary>
    [Reloadable]
    public AuthorizationOptions Authorization { get; init; } = new();

    /// <summary>Where operators and probes look.</summary>
    public AdminOptions Admin { get; init; } = new();

    /// <summary>How the sidecar stops.</summary>
    public DrainOptions Drain { get; init; } = new();

    /// <summary>Choices that weaken the sidecar, each warned of at start.</summary>
    public UnsafeOptions Unsafe { get; init; } = new();
}
