using MtlsSidecar.Proxy.Connections;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>One open connection in <c>/peers</c>.</summary>
internal sealed record PeerStatus(
    ConnectionDirection Direction,
    string Listener,
    string Peer,
    string? Remote,
    string Subject,
    string Serial,
    DateTimeOffset NotAfter,
    DateTimeOffset OpenedAt,
    bool Closing);
