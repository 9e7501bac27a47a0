namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Which CRLs count.</summary>
public sealed record CrlOptions
{
    /// <summary>Whether SHA-1, DSA, RSA below 2048 bits and unnamed curves are refused as CRL signatures. Default on. MD5 never counts.</summary>
    public bool AlgorithmFloor { get; init; } = true;

    /// <summary>
    /// How long past its nextUpdate a CRL still counts. Default none, which is the safe value: a revocation made after nextUpdate is missed
    /// for that long.
    /// </summary>
    public TimeSpan MaxStaleness { get; init; } = TimeSpan.Zero;

    /// <summary>The largest CRL read, in bytes of DER; PEM text may be half as large again. Default 64 MiB.</summary>
    public int MaxLength { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Where the newest CRLs seen are remembered, so that an older one is not believed after a restart either: the cache directory. Null or
    /// empty: only while the process runs.
    /// </summary>
    public string? CacheDirectory { get; init; }
}
