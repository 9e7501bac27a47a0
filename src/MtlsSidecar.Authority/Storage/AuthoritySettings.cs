using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Authority.Storage;

/// <summary>What all commands on one data directory share.</summary>
internal sealed record AuthoritySettings
{
    /// <summary>The trust domain for which certificates are issued.</summary>
    public required TrustDomain TrustDomain { get; init; }

    /// <summary>
    /// Where relying parties reach CRLs, OCSP and authority certificates. Stands in every certificate, so it must be an address that they
    /// can reach. Default <c>http://127.0.0.1:8480</c>.
    /// </summary>
    public Uri PublishedAt { get; init; } = new("http://127.0.0.1:8480");

    /// <summary>How often a CRL is signed although nothing was revoked. Default and longest: a day.</summary>
    public TimeSpan CrlInterval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How long after its making a CRL counts. Longer survives a longer outage of the authority; it is also how long an attacker on the
    /// network can keep an old CRL in force. Default 2 days.
    /// </summary>
    public TimeSpan CrlValidity { get; init; } = TimeSpan.FromDays(2);

    /// <summary>The same for the root, whose key may lie in a safe. Default 365 days.</summary>
    public TimeSpan RootCrlValidity { get; init; } = TimeSpan.FromDays(365);
}
