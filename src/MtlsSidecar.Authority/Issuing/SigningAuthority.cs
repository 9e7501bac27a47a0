using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Authority.Storage;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Authority.Issuing;

/// <summary>An issuer together with its key: what signs certificates and CRLs.</summary>
internal sealed class SigningAuthority : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ECDsa _key;
    private readonly X509SignatureGenerator _generator;

    /// <summary>Brings certificate and key together.</summary>
    /// <exception cref="AuthorityException">The key is not the certificate's.</exception>
    public SigningAuthority(string name, ParsedCertificate certificate, ECDsa key)
    {
        if (!key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(certificate.SubjectPublicKeyInfo.Span))
        {
            throw new AuthorityException($"the key of {name} is not that of its certificate. Put the right key file in its place.");
        }

        (Name, Certificate, _key) = (name, certificate, key);
        _generator = X509SignatureGenerator.CreateForECDsa(key);
    }

    /// <summary>The issuer's name in URLs.</summary>
    public string Name { get; }

    /// <summary>Its certificate.</summary>
    public ParsedCertificate Certificate { get; }

    /// <summary>Signs a certificate in the name of this issuer; never beyond its own end.</summary>
    public X509Certificate2 Sign(CertificateRequest request, (DateTimeOffset NotBefore, DateTimeOffset NotAfter) validity, SerialNumber serial)
    {
        var notAfter = validity.NotAfter < Certificate.NotAfter ? validity.NotAfter : Certificate.NotAfter;
        lock (_gate)
        {
            return request.Create(new X500DistinguishedName(Certificate.Subject.Span), _generator, validity.NotBefore, notAfter, serial.Octets);
        }
    }

    /// <summary>Signs a SHA-256 hash with ECDSA; the signature is DER (RFC 3279 §2.2.3).</summary>
    public byte[] SignHash(ReadOnlySpan<byte> hash)
    {
        lock (_gate)
        {
            return _key.SignHash(hash, DSASignatureFormat.Rfc3279DerSequence);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
