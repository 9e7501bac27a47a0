namespace MtlsSidecar.Trust.Validation;

/// <summary>The outcome of validating a peer: a proof or a refusal, never an exception.</summary>
public abstract record PeerValidation
{
    private PeerValidation()
    {
    }

    /// <summary>The peer is who it says.</summary>
    public sealed record Accepted(ValidatedPeer Peer) : PeerValidation;

    /// <summary>The peer is refused.</summary>
    public sealed record Rejected(PeerRejection Rejection) : PeerValidation;
}
