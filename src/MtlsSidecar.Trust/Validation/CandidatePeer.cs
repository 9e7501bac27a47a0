using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// A peer whose profile, identity and certification path hold, offered to the certificate validators for their word.
/// Because the path already holds, URLs inside its certificates may be followed.
/// </summary>
/// <param name="Presented">The certificates as received.</param>
/// <param name="Usage">The role that the peer plays.</param>
/// <param name="Identity">Who it is.</param>
/// <param name="Path">The path found, leaf first, trust anchor last.</param>
/// <param name="At">The time for which the peer is judged.</param>
public sealed record CandidatePeer(PresentedChain Presented, CertificateUsage Usage, PeerIdentity Identity, CertificationPath Path, DateTimeOffset At)
{
    /// <summary>Authorities known beside those presented: one of them may have signed a CRL or OCSP response.</summary>
    public IReadOnlyList<ParsedCertificate> KnownIssuers { get; init; } = [];

    /// <summary>
    /// For a leaf that is itself a trust anchor: the path by which another anchor of the bundle vouches for it, if there is one. It adds
    /// nothing to the trust, but who issued the leaf may say that it is revoked.
    /// </summary>
    public CertificationPath? Issuance { get; init; }
}
