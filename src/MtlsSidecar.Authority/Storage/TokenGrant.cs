namespace MtlsSidecar.Authority.Storage;

/// <summary>What an enrolment token permits.</summary>
/// <param name="Hash">Under what it is stored; the token itself never is.</param>
/// <param name="Identity">The SPIFFE ID for which it enrols.</param>
/// <param name="DnsNames">The DNS names.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Uses">How many certificates it is good for: replicas of one service share one.</param>
internal sealed record TokenGrant(byte[] Hash, string Identity, IReadOnlyList<string> DnsNames, DateTimeOffset ExpiresAt, int Uses)
{
    /// <summary>How much of a hash stands in lists and audit lines: enough to tell tokens apart.</summary>
    public const int HashPrefixLength = 8;

    /// <summary>The beginning of the hash.</summary>
    public string HashPrefix => Convert.ToHexString(Hash)[..HashPrefixLength];
}
