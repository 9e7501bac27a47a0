using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>A responder says something new of a certificate: what was answered before about paths with it must be asked again.</summary>
public sealed class OcspChange
{
    private readonly ParsedCertificate _certificate;

    internal OcspChange(long generation, ParsedCertificate certificate) => (Generation, _certificate) = (generation, certificate);

    /// <summary>The generation that the change made.</summary>
    public long Generation { get; }

    /// <summary>Whether the certificate is on that path: by issuer and serial number, as the responder knows it.</summary>
    public bool Concerns(CertificationPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Certificates.Any(other =>
            other.SerialNumber.Span.SequenceEqual(_certificate.SerialNumber.Span) && other.IssuerName.Equals(_certificate.IssuerName));
    }
}
