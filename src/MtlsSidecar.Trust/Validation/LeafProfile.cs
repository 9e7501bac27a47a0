using System.Security.Cryptography.X509Certificates;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Validation;

/// <summary>The rules of the <see cref="ValidationProfile.Workload"/> profile for a peer's own certificate.</summary>
internal static class LeafProfile
{
    /// <summary>Gives the refusal, or null when the leaf keeps all rules.</summary>
    public static PeerRejection? Check(ParsedCertificate leaf, CertificateUsage usage)
    {
        var constraints = leaf.Platform.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        if (constraints is { CertificateAuthority: true })
        {
            return new PeerRejection(RejectionReason.AuthorityAsLeaf, "the leaf is a certification authority", "SPIFFE X.509-SVID §4.1");
        }

        var purpose = usage == CertificateUsage.Client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
        var extended = leaf.Platform.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault();
        if (usage != CertificateUsage.Any && extended is not null && !extended.EnhancedKeyUsages.Cast<System.Security.Cryptography.Oid>().Any(oid => oid.Value == purpose))
        {
            return new PeerRejection(RejectionReason.WrongKeyUsage, $"extended key usage doesn't allow {usage}", "RFC 5280 §4.2.1.12");
        }

        return null;
    }
}
