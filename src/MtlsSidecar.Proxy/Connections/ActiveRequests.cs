using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>What a connection's peer has asked for and is being answered. A policy change must reach a WebSocket opened an hour ago.</summary>
internal sealed class ActiveRequests
{
    private readonly Dictionary<AuthorizationRequest, Action> _requests = new(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a request and the means to break it off; call <see cref="Remove"/> when it has been answered.</summary>
    public void Add(AuthorizationRequest request, Action abort)
    {
        lock (_requests)
        {
            _requests.Add(request, abort);
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

    /// <summary>Breaks off what would not be allowed today.</summary>
    /// <returns>How many were broken off.</returns>
    public int AbortDenied(AuthorizationState authorization)
    {
        KeyValuePair<AuthorizationRequest, Action>[] active;
        lock (_requests)
        {
            active = [.. _requests];
        }

        var denied = 0;
        foreach (var (request, abort) in active)
        {
            if (authorization.Decide(request).Permit is null)
            {
                denied++;
                abort();
            }
        }

        return denied;
    }
}
