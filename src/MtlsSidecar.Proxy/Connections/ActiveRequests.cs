using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>What a connection's peer has asked for and is being answered. A policy change must reach a WebSocket opened an hour ago.</summary>
internal sealed class ActiveRequests
{
    private readonly HashSet<AuthorizationRequest> _requests = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a request; call <see cref="Remove"/> when it has been answered.</summary>
    public void Add(AuthorizationRequest request)
    {
        lock (_requests)
        {
            _requests.Add(request);
        }
    }

    /// <summary>Removes a request.</summary>
    public void Remove(AuthorizationRequest request)
    {
        lock (_requests)
        {
            _requests.Remove(request);
        }
    }

    /// <summary>The requests at this moment.</summary>
    public AuthorizationRequest[] Snapshot()
    {
        lock (_requests)
        {
            return [.. _requests];
        }
    }
}
