namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Which CRLs are fetched and how often.</summary>
public sealed record CrlFetchOptions
{
    /// <summary>URLs polled from the start, http or https.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Whether the distribution points of certificates are followed once their path holds. Default on.</summary>
    public bool UseDistributionPoints { get; init; } = true;

    /// <summary>How often each URL is asked, give or take a tenth. A CRL is also fetched ahead of its nextUpdate. Default 5 minutes.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a handshake waits for a CRL that was never fetched before. Default 3 s; less than the handshake's own deadline, so that
    /// the policy for unknown status decides and not the clock.
    /// </summary>
    public TimeSpan FirstFetchWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many URLs out of certificates are followed, for each trust anchor; the one not asked for the longest makes room. Default 256.</summary>
    public int MaxLearnedUrls { get; init; } = 256;

    /// <summary>
    /// How much memory the CRLs of URLs out of certificates may take, for each trust anchor, in bytes; the URL not asked for the longest makes
    /// room. Default 256 MiB.
    /// </summary>
    public long MaxLearnedBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Where fetched CRLs outlive the process; null or empty: nowhere.</summary>
    public string? CacheDirectory { get; init; }
}
