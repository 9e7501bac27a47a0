using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>CRLs came or went: what was answered before about the paths concerned must be asked again.</summary>
public sealed class CrlChange
{
    private readonly HashSet<DistinguishedName> _issuers;

    internal CrlChange(long generation, IEnumerable<CertificateList> lists)
    {
        Generation = generation;
        _issuers = [];
        foreach (var list in lists)
        {
            _issuers.UnionWith(list.CertificateIssuers.Keys);
            IsIndirect |= list.Extensions.Scope is { IsIndirect: true };
        }
    }

    /// <summary>The generation that the change made.</summary>
    public long Generation { get; }

    /// <summary>Whether an indirect CRL is among them: it may concern certificates of any issuer.</summary>
    public bool IsIndirect { get; }

    /// <summary>Whether the answer about a certificate of that path may have changed. When in doubt it may.</summary>
    public bool Concerns(CertificationPath path)
        => IsIndirect || path.Certificates.Any(certificate => _issuers.Contains(certificate.IssuerName));
}
