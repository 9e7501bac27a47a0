namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>Kinds of public keys.</summary>
internal enum KeyFamily
{
    /// <summary>RSA (RFC 3279 §2.3.1, RFC 4055).</summary>
    Rsa,

    /// <summary>Elliptic curves (RFC 5480).</summary>
    EllipticCurve,

    /// <summary>Ed25519 (RFC 8410). The base class library can't verify it, save in certificates by its chain engine.</summary>
    Ed25519,

    /// <summary>DSA (RFC 3279 §2.3.2): below the algorithm floor, kept for the RFC's own test suite.</summary>
    Dsa,
}
