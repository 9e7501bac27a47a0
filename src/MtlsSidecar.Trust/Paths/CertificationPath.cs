namespace MtlsSidecar.Trust.Paths;

/// <summary>A certification path that holds: the leaf first, each certificate followed by its issuer, the trust anchor last.</summary>
public sealed class CertificationPath
{
    internal CertificationPath(IReadOnlyList<ParsedCertificate> certificates, IReadOnlySet<string> policies)
    {
        Certificates = certificates;
        Policies = policies;
        NotAfter = certificates.Min(certificate => certificate.NotAfter);
    }

    /// <summary>The certificates, leaf first, trust anchor last; at least two unless the leaf is itself an anchor.</summary>
    public IReadOnlyList<ParsedCertificate> Certificates { get; }

    /// <summary>The policies for which the path is valid (RFC 5280 §6.1.5, user-constrained-policy-set), as object identifiers.</summary>
    public IReadOnlySet<string> Policies { get; }

    /// <summary>The certificate that the path is about.</summary>
    public ParsedCertificate Leaf => Certificates[0];

    /// <summary>The trust anchor that the path ends in.</summary>
    public ParsedCertificate Anchor => Certificates[^1];

    /// <summary>When the first certificate of the path expires.</summary>
    public DateTimeOffset NotAfter { get; }
}
