namespace MtlsSidecar.Authority.Storage;

/// <summary>The reasons by their names in RFC 5280 §5.3.1.</summary>
internal static class RevocationReasonText
{
    /// <summary>The standard's name.</summary>
    public static string NameOf(RevocationReason reason) => reason switch
    {
        RevocationReason.Unspecified => "unspecified",
        RevocationReason.KeyCompromise => "keyCompromise",
        RevocationReason.CACompromise => "cACompromise",
        RevocationReason.AffiliationChanged => "affiliationChanged",
        RevocationReason.Superseded => "superseded",
        RevocationReason.CessationOfOperation => "cessationOfOperation",
        RevocationReason.CertificateHold => "certificateHold",
        RevocationReason.RemoveFromCrl => "removeFromCRL",
        RevocationReason.PrivilegeWithdrawn => "privilegeWithdrawn",
        RevocationReason.AACompromise => "aACompromise",
        _ => throw new ArgumentOutOfRangeException(nameof(reason)),
    };

    /// <summary>Reads a name; case doesn't matter, numbers don't count.</summary>
    public static bool TryParse(string text, out RevocationReason reason)
    {
        foreach (var known in Enum.GetValues<RevocationReason>())
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
