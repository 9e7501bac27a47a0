namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Which responders are asked and how often.</summary>
public sealed record OcspFetchOptions
{
    /// <summary>The responder for every certificate, http or https; null: the one that each certificate names.</summary>
    public string? Url { get; init; }

    /// <summary>How a request is sent. Default POST.</summary>
    public OcspMethod Method { get; init; } = OcspMethod.Post;

    /// <summary>
    /// Whether requests carry a nonce that the response must repeat. Default off: most responders sign in advance and can't (RFC 5019 §4).
    /// </summary>
    public bool UseNonce { get; init; }

    /// <summary>Time for one answer, and how long a handshake waits for one. Default 2 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How often the status of a certificate in use is asked again, give or take a tenth; also ahead of its nextUpdate. By this a revocation
    /// reaches connections that are open. Default 5 minutes.
    /// </summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Of how many certificates the status is kept, for each trust anchor; the one not asked for the longest makes room, revoked ones last.
    /// Default 10,000.
    /// </summary>
    public int MaxCertificates { get; init; } = 10_000;
}
