using System.Security.Cryptography;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// A CRL's signature over a hash that is taken while the CRL is read. The signer's certificate may only come with a peer later on; by then
/// the signed bytes are gone, the hash is all that a verification needs.
/// </summary>
internal sealed class CrlSignature
{
    private readonly SignatureAlgorithm _algorithm;
    private readonly byte[] _hash;
    private readonly byte[] _signature;

    /// <summary>Takes the hash of the signed part.</summary>
    public CrlSignature(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, byte[] signature)
    {
        _algorithm = algorithm;
        _hash = CryptographicOperations.HashData(algorithm.Hash, signed);
        _signature = signature;
        Fingerprint = Convert.ToHexString(SHA256.HashData([.. _hash, .. signature]));
    }

    /// <summary>A hash of everything that is signed, and of the signature.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether the signature is this key's.</summary>
    /// <param name="key">The signer's key.</param>
    /// <param name="algorithmFloor">Whether signatures and keys below the algorithm floor count for nothing.</param>
    public bool Verifies(SubjectKey key, bool algorithmFloor)
        => (!algorithmFloor || (_algorithm.IsStrong && key.IsStrong)) && key.VerifyHash(_algorithm, _hash, _signature);
}
