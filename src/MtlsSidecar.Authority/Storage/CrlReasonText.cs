using MtlsSidecar.Trust.Revocation.Crl;

namespace MtlsSidecar.Authority.Storage;

/// <summary>The reasons by their names in RFC 5280 §5.3.1.</summary>
internal static class CrlReasonText
{
    /// <summary>The standard's name.</summary>
    public static string NameOf(CrlReason reason) => reason switch
    {
        CrlReason.Unspecified => "unspecified",
        CrlReason.KeyCompromise => "keyCompromise",
        CrlReason.CACompromise => "cACompromise",
        CrlReason.AffiliationChanged => "affiliationChanged",
        CrlReason.Superseded => "superseded",
        CrlReason.CessationOfOperation => "cessationOfOperation",
        CrlReason.CertificateHold => "certificateHold",
        CrlReason.RemoveFromCrl => "removeFromCRL",
        CrlReason.PrivilegeWithdrawn => "privilegeWithdrawn",
        CrlReason.AACompromise => "aACompromise",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>Reads a name; case doesn't matter, numbers don't count.</summary>
    public static bool TryParse(string text, out CrlReason reason)
    {
        foreach (var known in Enum.GetValues<CrlReason>())
        {
            if (string.Equals(NameOf(known), text, StringComparison.OrdinalIgnoreCase))
            {
                reason = known;
                return true;
            }
        }

        reason = default;
        return false;
    }
}
