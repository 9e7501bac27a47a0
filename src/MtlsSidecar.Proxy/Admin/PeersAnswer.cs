namespace MtlsSidecar.Proxy.Admin;

/// <summary>The body of <c>GET /peers</c>.</summary>
/// <param name="Peers">The open mutual TLS connections with who is at their other end.</param>
internal sealed record PeersAnswer(IReadOnlyList<PeerStatus> Peers);
