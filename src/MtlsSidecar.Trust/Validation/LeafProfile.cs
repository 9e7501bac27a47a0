using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Extensions;
using MtlsSidecar.Trust.Paths.Rules;

namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// The rules of the <see cref="ValidationProfile.Workload"/> profile for a peer's own certificate. An absent key usage or extended key
/// usage restricts nothing (RFC 5280 §4.2.1.3, §4.2.1.12): private authorities often leave them out.
/// </summary>
internal static class LeafProfile
{
    /// <summary>Gives the refusal, or null when the leaf keeps all rules. Its content must be readable.</summary>
    public static PeerRejection? Check(ParsedCertificate leaf, CertificateUsage usage)
    {
        if (leaf.BasicConstraints is { IsAuthority: true })
        {
            return Refuse(RejectionReason.AuthorityAsLeaf, "the leaf is a certification authority", "SPIFFE X.509-SVID §4.1, §5.2");
        }

        if (leaf.KeyUsage is { } keyUsage)
        {
            if ((keyUsage & (KeyUsages.KeyCertSign | KeyUsages.CrlSign)) != 0)
            {
                return Refuse(RejectionReason.AuthorityAsLeaf, "the leaf's key may sign certificates or CRLs", "SPIFFE X.509-SVID §4.3, §5.2");
            }

            if (!keyUsage.HasFlag(KeyUsages.DigitalSignature))
            {
                return Refuse(RejectionReason.WrongKeyUsage, "key usage doesn't allow digital signatures, which TLS needs", "RFC 8446 §4.4.2.2");
            }
        }

        return ExtendedKeyUsageRules.Check(leaf, usage);

        PeerRejection Refuse(RejectionReason reason, string detail, string rule) => new(reason, detail, rule, leaf.SubjectText);
    }
}
