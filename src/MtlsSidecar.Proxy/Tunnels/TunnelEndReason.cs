namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>Why a tunnel's connection ended. The names appear in logs and metrics.</summary>
internal enum TunnelEndReason
{
    /// <summary>Both sides had said all they had to say.</summary>
    Closed,

    /// <summary>The peer's side broke: a reset, a broken TLS record, an unreachable host.</summary>
    ResetByPeer,

    /// <summary>The local application's side broke.</summary>
    ResetByApplication,

    /// <summary>No byte either way for as long as is allowed.</summary>
    Idle,

    /// <summary>Open for as long as is allowed.</summary>
    MaxLifetime,

    /// <summary>No local destination took the connection.</summary>
    ApplicationUnreachable,

    /// <summary>No destination took the connection or showed an accepted identity.</summary>
    PeerUnreachable,

    /// <summary>The policies don't allow it, from the beginning or since a change.</summary>
    Denied,

    /// <summary>The peer was revoked, expired or is no longer expected.</summary>
    PeerNoLongerAccepted,

    /// <summary>The sidecar stopped, and the grace period was over.</summary>
    Drained,

    /// <summary>A defect of ours.</summary>
    Defect,
}
