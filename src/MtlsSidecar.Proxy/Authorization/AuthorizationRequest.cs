using MtlsSidecar.Proxy.Http;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Proxy.Authorization;

/// <summary>What a peer asks for: an HTTP request, or a tunnel, which has neither method nor target.</summary>
internal sealed class AuthorizationRequest
{
    private string[]? _pathReadings;

    /// <param name="peer">Who asks.</param>
    /// <param name="listener">The listener that accepted the connection: <c>Inbound</c> or a tunnel's name.</param>
    /// <param name="method">The method as the application will see it (<see cref="RequestMethod.ForJudging"/>); null for a tunnel.</param>
    /// <param name="target">The target as it will be forwarded; null for a tunnel.</param>
    public AuthorizationRequest(PeerIdentity peer, string listener, string? method, RequestTarget? target)
    {
        Peer = peer;
        Listener = listener;
        Method = method;
        Target = target;
    }

    /// <summary>Who asks.</summary>
    public PeerIdentity Peer { get; }

    /// <summary>The listener that accepted the connection.</summary>
    public string Listener { get; }

    /// <summary>The method; null for a tunnel.</summary>
    public string? Method { get; }

    /// <summary>The target; null for a tunnel.</summary>
    public RequestTarget? Target { get; }

    /// <summary>Every reading of the path against which a Deny is matched; made when the first Deny that names paths is asked.</summary>
    public IReadOnlyList<string> PathReadings => _pathReadings ??= Target is null ? [] : Authorization.PathReadings.Of(Target);
}
