using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Issuing;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>A responder's key and certificate, delegated by one issuer (RFC 6960 §4.2.2.2). The key lives in memory only.</summary>
internal sealed class OcspSigner : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ECDsa _key;

    private OcspSigner(IssuedCertificate issued, ECDsa key)
    {
        (Issued, _key) = (issued, key);
        using var certificate = X509CertificateLoader.LoadCertificate(issued.Record.Certificate);
        KeyHash = PublicKeyHash.Sha1(certificate.PublicKey);
    }

    /// <summary>The certificate.</summary>
    public IssuedCertificate Issued { get; }

    /// <summary>By what answers name their signer (<c>ResponderID</c> by key).</summary>
    public byte[] KeyHash { get; }

    /// <summary>Makes a key and has it certified.</summary>
    public static async Task<OcspSigner> CreateAsync(Storage.IssuerRecord issuer, Issuance issuance, TimeSpan lifetime)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new OcspSigner(await issuance.IssueOcspResponderAsync(issuer, new PublicKey(key), lifetime), key);
    }

    /// <summary>Signs with ECDSA and SHA-256.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            return _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
