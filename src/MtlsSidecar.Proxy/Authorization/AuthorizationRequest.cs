using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Authorization;

internal sealed record AuthorizationRequest(PeerIdentity Peer, string Listener, string? Method, RequestTarget? Target);
