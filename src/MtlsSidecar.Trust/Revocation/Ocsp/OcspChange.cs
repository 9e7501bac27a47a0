using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>A responder says something new of a certificate: what was answered before about paths with it must be asked again.</summary>
public sealed class OcspChange
{
    internal OcspChange(long generation, ParsedCertificate certificate) => (Generation, Certificate) = (generation, certificate.Id);

    /// <summary>The generation that the change made.</summary>
    public long Generation { get; }

    /// <summary>The certificate, as the responder knows it.</summary>
    public CertificateId Certificate { get; }

    /// <summary>Whether the certificate is on that path.</summary>
    public bool Concerns(CertificationPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Certificates.Any(other => other.Id == Certificate);
    }
}
