using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MtlsSidecar.TestKit.Pki;

/// <summary>A forged certificate with its key and the intermediates up to, but without, the root.</summary>
public sealed class TestCertificate(X509Certificate2 certificate, AsymmetricAlgorithm key, IReadOnlyList<X509Certificate2> intermediates) : IDisposable
{
    public X509Certificate2 Certificate { get; } = certificate;

    public AsymmetricAlgorithm Key { get; } = key;

    /// <summary>The intermediates; empty when the root issued the certificate itself.</summary>
    public IReadOnlyList<X509Certificate2> Intermediates { get; } = [.. intermediates.Where(issuer => issuer.Subject != issuer.Issuer)];

    /// <summary>Leaf and intermediates as PEM.</summary>
    public string CertificatePem => string.Join('\n', [Certificate.ExportCertificatePem(), .. Intermediates.Select(issuer => issuer.ExportCertificatePem())]) + "\n";

    /// <summary>The key as PKCS#8 PEM.</summary>
    public string KeyPem => Key.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>The certificate with its key attached, for the platform's TLS.</summary>
    public X509Certificate2 WithKey() => Key switch
    {
        ECDsa ec => Certificate.CopyWithPrivateKey(ec),
        RSA rsa => Certificate.CopyWithPrivateKey(rsa),
        _ => throw new NotSupportedException(Key.GetType().Name),
    };

    public void Dispose()
    {
        Certificate.Dispose();
        Key.Dispose();
    }
}
