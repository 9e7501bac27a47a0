using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Identity;

/// <summary>
/// Who this workload is: certificate, key and chain, ready for the platform's TLS (SPIFFE X.509-SVID). Immutable; a rotation makes a new one.
/// </summary>
public sealed class X509Svid
{
    private X509Svid(ParsedCertificate certificate, IReadOnlyList<ReadOnlyMemory<byte>> intermediates, SslStreamCertificateContext context, SpiffeId? spiffeId)
    {
        Certificate = certificate;
        Intermediates = intermediates;
        Context = context;
        SpiffeId = spiffeId;
    }

    /// <summary>The workload's certificate.</summary>
    public ParsedCertificate Certificate { get; }

    /// <summary>The intermediates that came with it, DER.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Intermediates { get; }

    /// <summary>Certificate, key and intermediates as the TLS handshake takes them; built offline, once.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>The SPIFFE ID; null when the certificate names only DNS names or addresses.</summary>
    public SpiffeId? SpiffeId { get; }

    /// <summary>Reads leaf, intermediates and key from PEM and proves that they belong together.</summary>
    /// <param name="certificatePem">The leaf, then its intermediates.</param>
    /// <param name="keyPem">PKCS#8, SEC 1 or PKCS#1, not encrypted.</param>
    /// <exception cref="TrustMaterialException">Something can't be read, or the key is not the certificate's.</exception>
    public static X509Svid FromPem(string certificatePem, string keyPem)
    {
        var certificates = ReadCertificates(certificatePem);
        if (!ParsedCertificate.TryParse(certificates[0].RawDataMemory, out var leaf, out var error))
        {
            throw new TrustMaterialException($"the certificate is malformed: {error}");
        }

        // Only what a certificate can say of itself is demanded here: our own peers judge the rest.
        if (!PeerIdentityReader.TryRead(leaf, out var identity, out var rejection))
        {
            throw new TrustMaterialException($"the certificate names no identity: {rejection.Detail}");
        }

        var withKey = AttachKey(certificates[0], keyPem);
        var intermediates = new X509Certificate2Collection(certificates.Skip(1).ToArray());
        return new X509Svid(leaf, [.. intermediates.Select(intermediate => intermediate.RawDataMemory)], SslStreamCertificateContext.Create(withKey, intermediates, offline: true), identity.SpiffeId);
    }

    /// <summary>
    /// Whether the other presents the very same certificates. The key needs no look: one that fits the leaf is the leaf's only one.
    /// </summary>
    public bool PresentsTheSameAs(X509Svid other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Certificate.RawData.Span.SequenceEqual(other.Certificate.RawData.Span)
            && Intermediates.Count == other.Intermediates.Count
            && Intermediates.Zip(other.Intermediates).All(pair => pair.First.Span.SequenceEqual(pair.Second.Span));
    }

    private static X509Certificate2Collection ReadCertificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException exception)
        {
            throw new TrustMaterialException($"the certificate can't be read: {exception.Message}", exception);
        }

        return certificates.Count > 0 ? certificates : throw new TrustMaterialException("there is no PEM certificate in it");
    }

    private static X509Certificate2 AttachKey(X509Certificate2 certificate, string keyPem)
    {
        try
        {
            using AsymmetricAlgorithm key = certificate.GetECDsaPublicKey() is not null ? ECDsa.Create() : RSA.Create();
            key.ImportFromPem(keyPem);
            return key is ECDsa ec ? certificate.CopyWithPrivateKey(ec) : certificate.CopyWithPrivateKey((RSA)key);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            throw new PrivateKeyException($"the key can't be read or is not the certificate's: {exception.Message}", exception);
        }
    }
}
