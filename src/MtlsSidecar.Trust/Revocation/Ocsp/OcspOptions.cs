namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Which OCSP responses count.</summary>
public sealed record OcspOptions
{
    /// <summary>
    /// How far ahead of ours a responder's clock may be. Responses are often made on the spot, and a responder whose clock is a second ahead
    /// would else be useless; a CRL needs no such allowance, as its predecessor answers meanwhile.
    /// </summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>Whether SHA-1, DSA, RSA below 2048 bits and unnamed curves are refused as signatures. Default on. MD5 never counts.</summary>
    public bool AlgorithmFloor { get; init; } = true;

    /// <summary>
    /// How long after its thisUpdate a response without nextUpdate counts. RFC 6960 §4.2.2.1 leaves it open, RFC 5019 §4 would refuse it; it
    /// bounds for how long somebody on the network can play back an old answer. Default one hour.
    /// </summary>
    public TimeSpan MaxAgeWithoutNextUpdate { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Whether the certificate of a delegated responder is known to be revoked, by CRLs at hand; asked when it has no
    /// <c>id-pkix-ocsp-nocheck</c>. Unknown counts as not revoked (RFC 6960 §4.2.2.2.1 leaves it to the client): the responder is most often
    /// the only source there is, and its certificate is short-lived. Default: never asked.
    /// </summary>
    public Func<RevocationQuestion, bool> IsRevokedResponder { get; init; } = static _ => false;
}
