using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Trust.Paths.Rules;

/// <summary>
/// Extended key usage, for the role that a peer plays. RFC 5280 §6.1 knows no such check, so none is made for
/// <see cref="CertificateUsage.Any"/>; for a role, every certificate of the path that has the extension must allow it. Authorities too:
/// that is how the platform, OpenSSL and browsers read it, and how operators limit an issuing authority to clients.
/// </summary>
internal static class ExtendedKeyUsageRules
{
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string Client = "1.3.6.1.5.5.7.3.2";

    /// <summary>An authority's word that it doesn't want to restrict the key (RFC 5280 §4.2.1.12), taken as such.</summary>
    private const string Any = "2.5.29.37.0";

    /// <summary>Gives the refusal, or null.</summary>
    public static PeerRejection? Check(ParsedCertificate certificate, CertificateUsage usage)
    {
        if (usage == CertificateUsage.Any || certificate.ExtendedKeyUsage is not { } purposes)
        {
            return null;
        }

        var wanted = usage == CertificateUsage.Client ? Client : Server;
        return purposes.Contains(wanted) || purposes.Contains(Any)
            ? null
            : new PeerRejection(
                RejectionReason.WrongKeyUsage, $"extended key usage doesn't allow {usage.ToString().ToLowerInvariant()} authentication", "RFC 5280 §4.2.1.12", certificate.SubjectText);
    }
}
