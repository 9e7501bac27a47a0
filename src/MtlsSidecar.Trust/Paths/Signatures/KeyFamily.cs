namespace MtlsSidecar.Trust.Paths.Signatures;

/// <summary>Kinds of public keys.</summary>
internal enum KeyFamily
{
    /// <summary>RSA (RFC 3279 §2.3.1, RFC 4055).</summary>
    Rsa,

    /// <summary>Elliptic curves (RFC 5480).</summary>
    EllipticCurve,

    /// <summary>DSA (RFC 3279 §2.3.2): below the algorithm floor, kept for the RFC's own test suite.</summary>
    Dsa,
}
