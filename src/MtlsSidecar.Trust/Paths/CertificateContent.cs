using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Names;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Paths;

/// <summary>The meaning of a certificate's fields, read strictly once and kept with it.</summary>
internal sealed class CertificateContent
{
    private CertificateContent(DistinguishedName subject, DistinguishedName issuer, CertificateExtensions extensions)
    {
        Subject = subject;
        Issuer = issuer;
        Extensions = extensions;
    }

    public DistinguishedName Subject { get; }

    public DistinguishedName Issuer { get; }

    public CertificateExtensions Extensions { get; }

    /// <summary>The subject's key; null when it is none that we use, as <see cref="KeyError"/> tells.</summary>
    public SubjectKey? Key { get; private init; }

    /// <summary>Why there is no key.</summary>
    public string? KeyError { get; private init; }

    /// <summary>The algorithm of the signature on the certificate; null when it is none that we verify.</summary>
    public SignatureAlgorithm? SignatureAlgorithm { get; private init; }

    /// <summary>Reads the content.</summary>
    /// <exception cref="System.Formats.Asn1.AsnContentException">A name or an extension is malformed.</exception>
    public static CertificateContent Read(ParsedCertificate certificate)
    {
        SubjectKey.TryRead(certificate.SubjectPublicKeyInfo, out var key, out var keyError);
        Signatures.SignatureAlgorithm.TryReadForCertificate(certificate.SignatureAlgorithm, out var algorithm);
        return new CertificateContent(
            DistinguishedName.Read(certificate.Subject), DistinguishedName.Read(certificate.Issuer), CertificateExtensions.Read(certificate))
        {
            Key = key,
            KeyError = keyError,
            SignatureAlgorithm = algorithm,
        };
    }
}
