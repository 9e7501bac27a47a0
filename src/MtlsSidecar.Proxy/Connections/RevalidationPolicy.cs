using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>Which refusals cut a connection that is already open.</summary>
/// <param name="StaleCutsConnections">Whether a revocation status that became unknown, a CRL past its nextUpdate say, does.</param>
internal sealed record RevalidationPolicy(bool StaleCutsConnections)
{
    /// <summary>
    /// Whether a connection stays open in spite of the refusal: nothing new is known against its peer, there is only nobody to vouch for it.
    /// New handshakes are refused all the same. A defect of ours is no such refusal: what it hides may be anything, so it closes.
    /// </summary>
    public bool KeepsOpen(PeerRejection rejection) => rejection.Reason switch
    {
        RejectionReason.RevocationUnknown => !StaleCutsConnections,
        _ => rejection.Reason.IsUndecided() && !rejection.IsDefect,
    };
}
