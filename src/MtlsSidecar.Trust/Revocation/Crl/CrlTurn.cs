namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// When a CRL has its turn to say that a certificate is good, by what is known without a signature check. It orders, no more; who signed a CRL is
/// checked when it is consulted. The CRLs by the key that signed the certificate come first: those by another key of the issuer answer for as long
/// as they say, but only where the former don't. What somebody else sends in the issuer's name comes last of its kind, so that it doesn't use up
/// the checks.
/// </summary>
internal enum CrlTurn
{
    /// <summary>Signed by the key that signed the certificate.</summary>
    ByIssuer,

    /// <summary>By its own words, which nobody has verified yet, signed by that key.</summary>
    ClaimsIssuer,

    /// <summary>Signed by another key that an anchor vouches for.</summary>
    ByAnother,

    /// <summary>By its own words signed by another key.</summary>
    ClaimsAnother,
}
