using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Whom this side is ready to talk to. The one validator serves both directions; the expectation is all that differs.
/// It is compared on every use and never part of a cached verdict, so one upstream's verdict can't admit a peer to another.
/// </summary>
/// <param name="Usage">The role that the peer plays.</param>
/// <param name="Identities">Accepted identities; the peer must match one. Empty: any identity that validates (authorization follows).</param>
public sealed record PeerExpectation(CertificateUsage Usage, IReadOnlyList<IdentityPattern> Identities)
{
    /// <summary>Any client with a valid certificate; the authorization policy decides what it may do.</summary>
    public static PeerExpectation AnyClient { get; } = new(CertificateUsage.Client, []);

    /// <summary>By content: an expectation that was read anew from the same configuration is the same.</summary>
    public bool Equals(PeerExpectation? other)
        => other is not null && Usage == other.Usage
            && Identities.Select(pattern => pattern.ToString()).SequenceEqual(other.Identities.Select(pattern => pattern.ToString()), StringComparer.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Usage, Identities.Count);

    /// <summary>Whether the identity is one of the expected ones. Fails closed: an identity without names matches only an empty list.</summary>
    public bool IsMetBy(PeerIdentity identity)
    {
        if (Identities.Count == 0)
        {
            return true;
        }

        foreach (var pattern in Identities)
        {
            if (pattern.Matches(identity))
            {
                return true;
            }
        }

        return false;
    }
}
