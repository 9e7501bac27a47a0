namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The families of signature algorithms that the platform verifies.</summary>
internal enum SignatureKind
{
    Rsa,
    Ecdsa,
    Dsa,
}
