namespace MtlsSidecar.Demo.Sidecars;

/// <summary>As much of a sidecar's <c>/status</c> as the demo looks at.</summary>
internal sealed record SidecarStatus(SidecarConnections Connections, IReadOnlyList<Refusal> LastRefusals);
