using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>What a connection's peer has asked for and is being answered. A policy change must reach a WebSocket opened an hour ago.</summary>
internal sealed class ActiveRequests
{
    private readonly LinkedList<ActiveRequest> _requests = [];

    /// <summary>Enters a request and the means to break it off.</summary>
    /// <returns>The entry, for <see cref="Remove"/> when the request has been answered.</returns>
    public LinkedListNode<ActiveRequest> Add(AuthorizationRequest request, Action abort)
    {
        lock (_requests)
        {
            return _requests.AddLast(new ActiveRequest(request, abort));
        }
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(LinkedListNode<ActiveRequest> entry)
    {
        lock (_requests)
        {
            _requests.Remove(entry);
        }
    }

    /// <summary>Breaks off what would not be allowed today.</summary>
    /// <returns>How many were broken off.</returns>
    public int AbortDenied(AuthorizationState authorization)
    {
        ActiveRequest[] active;
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
