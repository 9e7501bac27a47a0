namespace MtlsSidecar.Authority.Issuing;

/// <summary>Where relying parties find what belongs to an issuer, as certificates tell them.</summary>
internal sealed class PublicAddresses(Uri publishedAt)
{
    private readonly string _base = publishedAt.ToString().TrimEnd('/');

    /// <summary>The OCSP responder (RFC 6960 §3.1).</summary>
    public string Ocsp => _base + "/ocsp";

    /// <summary>The full CRL.</summary>
    public string Crl(string issuer) => $"{_base}/crl/{issuer}.crl";

    /// <summary>The delta CRL.</summary>
    public string DeltaCrl(string issuer) => $"{_base}/crl/{issuer}-delta.crl";

    /// <summary>The issuer's own certificate.</summary>
    public string Certificate(string issuer) => $"{_base}/ca/{issuer}.cer";
}
