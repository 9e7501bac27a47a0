namespace MtlsSidecar.Demo.Sidecars;

/// <summary>How many mutual TLS connections a sidecar has open, in its <c>/status</c>.</summary>
internal sealed record SidecarConnections(int Inbound, int Outbound);
