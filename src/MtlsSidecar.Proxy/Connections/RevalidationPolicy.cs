using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>Which refusals cut a connection that is already open.</summary>
/// <param name="StaleCutsConnections">Whether a revocation status that became unknown, a CRL past its nextUpdate say, does.</param>
internal sealed record RevalidationPolicy(bool StaleCutsConnections)
{
    /// <summary>
    /// Whether a connection stays open in spite of the refusal: nothing new is known against its peer, there is only nobody to vouch for it.
    /// New handshakes are refused all the same.
    /// </summary>
    public bool KeepsOpen(RejectionReason reason) => reason switch
    {
        RejectionReason.RevocationUnknown => !StaleCutsConnections,
        _ => reason.IsUndecided(),
    };
}
