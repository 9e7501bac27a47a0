using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>Asks the authorization policy again about what a connection's peer is being answered.</summary>
internal sealed class ActiveRequestReview(AuthorizationState authorization)
{
    /// <summary>Whether every request in flight would be allowed today.</summary>
    public bool AllStillAllowed(LiveConnection connection)
    {
        foreach (var request in connection.Requests.Snapshot())
        {
            if (authorization.Decide(request).Permit is null)
            {
                return false;
            }
        }

        return true;
    }
}
