using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Forwarding;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>The bytes of one registered connection to a peer. Leaves the registry when <c>HttpClient</c> disposes it.</summary>
internal sealed class PeerConnection(Stream inner, ConnectionRegistry registry) : WrappedStream(inner)
{
    private LiveConnection? _live;

    /// <summary>The identity of the peer.</summary>
    public string? Peer => _live?.Peer.Identity.Name;

    /// <summary>Ties the bytes to their entry in the registry.</summary>
    public void Track(LiveConnection live) => _live = live;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _live is { } live)
        {
            registry.Remove(live);
        }

        base.Dispose(disposing);
    }
}
