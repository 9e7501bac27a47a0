using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>CRLs came or went: what was answered before about the paths concerned must be asked again.</summary>
public sealed class CrlChange
{
    private readonly HashSet<DistinguishedName> _issuers;
    private readonly List<CertificateList> _lists;

    internal CrlChange(long generation, IEnumerable<CertificateList> lists)
    {
        Generation = generation;
        _issuers = [];
        _lists = [.. lists];
        foreach (var list in _lists)
        {
            HasDelta |= list.IsDelta;
            _issuers.UnionWith(list.CertificateIssuers.Keys);
            IsIndirect |= list.Extensions.Scope is { IsIndirect: true };
        }
    }

    /// <summary>The generation that the change made.</summary>
    public long Generation { get; }

    /// <summary>Whether an indirect CRL is among them: it may concern certificates of any issuer.</summary>
    public bool IsIndirect { get; }

    /// <summary>Whether a delta CRL is among them: where one goes, a hold that it lifted may be in force again without any CRL that came.</summary>
    public bool HasDelta { get; }

    /// <summary>
    /// Whether one of the CRLs that came lists the certificate. Whoever none of them lists isn't revoked by the change, though nobody may be
    /// left to say that it is good.
    /// </summary>
    public bool Lists(CertificateId certificate) => _lists.Exists(list => Lists(list, certificate));

    /// <summary>Whether the answer about a certificate of that path may have changed. When in doubt it may.</summary>
    public bool Concerns(CertificationPath path)
        => IsIndirect || path.Certificates.Any(certificate => _issuers.Contains(certificate.IssuerName));

    private static bool Lists(CertificateList list, CertificateId certificate)
    {
        try
        {
            return list.TryFind(certificate.Issuer, certificate.SerialNumber.Span, out _);
        }
        catch (ObjectDisposedException)
        {
            // It went with this change, or with a later one that tells by itself what came in its place.
            return false;
        }
    }
}
