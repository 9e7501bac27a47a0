using System.Collections.Concurrent;
using System.Net;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>Which listener an endpoint belongs to, and where each is really bound (port 0 lets the system choose).</summary>
internal sealed class ListenerDirectory
{
    private readonly ConcurrentDictionary<EndPoint, SidecarListener> _byEndPoint = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<SidecarListener, EndPoint> _bound = new();

    /// <summary>Whether all of them accept connections.</summary>
    public bool AllBound => _bound.Count == _byEndPoint.Count;

    /// <summary>The endpoints in use: what an URL inside a certificate must never lead us to.</summary>
    public IEnumerable<EndPoint> BoundEndPoints => _bound.Values;

    /// <summary>Ties an endpoint to its listener before Kestrel binds it.</summary>
    public void Add(EndPoint endpoint, SidecarListener listener) => _byEndPoint[endpoint] = listener;

    /// <summary>The listener of an endpoint. Kestrel can't ask to bind one that this sidecar didn't configure; if it does, it fails.</summary>
    public SidecarListener Find(EndPoint endpoint)
        => _byEndPoint.TryGetValue(endpoint, out var listener)
            ? listener
            : throw new InvalidOperationException($"{endpoint} is not an endpoint of this sidecar; only Sidecar keys open listeners.");

    /// <summary>Takes note of where a listener is bound.</summary>
    public void Bound(SidecarListener listener, EndPoint endpoint) => _bound[listener] = endpoint;
}
