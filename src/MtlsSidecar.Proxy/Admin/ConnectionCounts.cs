namespace MtlsSidecar.Proxy.Admin;

/// <summary>Open mutual TLS connections in <c>/status</c>.</summary>
internal sealed record ConnectionCounts(int Inbound, int Outbound, int Tunnels);
