using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// A CRL's signature over a hash that is taken while the CRL is read. The signer's certificate may only come with a peer later on; by then
/// the signed bytes are gone, the hash is all that a verification needs.
/// </summary>
internal sealed class CrlSignature(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, byte[] signature)
{
    private readonly byte[] _hash = CryptographicOperations.HashData(algorithm.Hash, signed);

    /// <summary>Whether the signature is this key's.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="algorithmFloor">Whether signatures and keys below the algorithm floor count for nothing.</param>
    public bool Verifies(SubjectKey key, bool algorithmFloor)
        => (!algorithmFloor || (algorithm.IsStrong && key.IsStrong)) && key.VerifyHash(algorithm, _hash, signature);
}
