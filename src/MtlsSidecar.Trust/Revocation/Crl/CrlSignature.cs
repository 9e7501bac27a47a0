using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// A CRL's signature over a hash that is taken while the CRL is read. The signer's certificate may only come with a peer later on; by then
/// the signed bytes are gone, the hash is all that a verification needs.
/// </summary>
internal sealed class CrlSignature
{
    private readonly SignatureScheme _scheme;
    private readonly byte[] _hash;
    private readonly byte[] _signature;

    /// <summary>Takes the hash of the signed part.</summary>
    public CrlSignature(SignatureScheme scheme, ReadOnlySpan<byte> signed, byte[] signature)
    {
        _scheme = scheme;
        _hash = CryptographicOperations.HashData(scheme.Hash, signed);
        _signature = signature;
    }

    /// <summary>Whether the signature is this key's. Fails closed: a key that the platform can't use verifies nothing.</summary>
    /// <param name="subjectPublicKeyInfo">The signer's key, DER.</param>
    /// <param name="algorithmFloor">Whether keys below the algorithm floor verify nothing either.</param>
    public bool Verifies(ReadOnlySpan<byte> subjectPublicKeyInfo, bool algorithmFloor)
    {
        try
        {
            var key = PublicKey.CreateFromSubjectPublicKeyInfo(subjectPublicKeyInfo, out var read);
            return read == subjectPublicKeyInfo.Length && (!algorithmFloor || !_scheme.IsWeak) && Verifies(key, algorithmFloor);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private bool Verifies(PublicKey key, bool algorithmFloor)
    {
        switch (_scheme.Kind)
        {
            case SignatureKind.Rsa:
                using (var rsa = key.GetRSAPublicKey())
                {
                    return rsa is not null && (!algorithmFloor || rsa.KeySize >= 2048) && rsa.VerifyHash(_hash, _signature, _scheme.Hash, _scheme.Padding!);
                }

            case SignatureKind.Ecdsa:
                using (var ecdsa = key.GetECDsaPublicKey())
                {
                    return ecdsa is not null && (!algorithmFloor || ecdsa.KeySize is 256 or 384 or 521)
                        && ecdsa.VerifyHash(_hash, _signature, DSASignatureFormat.Rfc3279DerSequence);
                }

            default:
                using (var dsa = key.GetDSAPublicKey())
                {
                    return dsa is not null && !algorithmFloor && dsa.VerifySignature(_hash, _signature, DSASignatureFormat.Rfc3279DerSequence);
                }
        }
    }
}
