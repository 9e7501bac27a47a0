using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>Tells who is connected.</summary>
internal sealed class PeerReport(ConnectionRegistry connections)
{
    /// <summary>The open connections, oldest first.</summary>
    public PeersAnswer Create() => new([.. connections.All.OrderBy(connection => connection.OpenedAt).Select(Describe)]);

    private static PeerStatus Describe(LiveConnection connection) => new(
        connection.Direction,
        connection.Listener,
        connection.Peer.Identity.Name,
        connection.Remote,
        connection.Peer.Path.Leaf.SubjectText,
        connection.Peer.Path.Leaf.SerialNumberText,
        connection.Peer.Path.Leaf.NotAfter,
        connection.OpenedAt,
        connection.IsClosing);
}
