using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Proof that a peer's certificate was validated. Only <see cref="PeerValidator"/> makes one, so code that needs a validated peer
/// asks for this type and can't be reached without validation.
/// </summary>
public sealed class ValidatedPeer
{
    internal ValidatedPeer(PresentedChain presented, CertificateUsage usage, PeerIdentity identity, CertificationPath path, DateTimeOffset validUntil)
    {
        Presented = presented;
        Usage = usage;
        Identity = identity;
        Path = path;
        ValidUntil = validUntil;
    }

    /// <summary>What the peer presented; kept so that it can be validated again when trust or revocation changes.</summary>
    public PresentedChain Presented { get; }

    /// <summary>The role it was validated for.</summary>
    public CertificateUsage Usage { get; }

    /// <summary>Who the peer is.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>The path that was accepted, leaf first, trust anchor last.</summary>
    public CertificationPath Path { get; }

    /// <summary>When the verdict ends at the latest: the earliest expiry of anything it rests on.</summary>
    public DateTimeOffset ValidUntil { get; }
}
