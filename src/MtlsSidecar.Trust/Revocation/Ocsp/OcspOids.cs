namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Object identifiers of RFC 6960.</summary>
internal static class OcspOids
{
    public const string AuthorityInformationAccess = "1.3.6.1.5.5.7.1.1";
    public const string OcspAccess = "1.3.6.1.5.5.7.48.1";
    public const string BasicResponse = "1.3.6.1.5.5.7.48.1.1";
    public const string Nonce = "1.3.6.1.5.5.7.48.1.2";
    public const string CrlReferences = "1.3.6.1.5.5.7.48.1.3";
    public const string NoCheck = "1.3.6.1.5.5.7.48.1.5";
    public const string ArchiveCutoff = "1.3.6.1.5.5.7.48.1.6";
    public const string ExtendedRevoke = "1.3.6.1.5.5.7.48.1.9";
    public const string OcspSigning = "1.3.6.1.5.5.7.3.9";
    public const string Sha1 = "1.3.14.3.2.26";
    public const string Sha256 = "2.16.840.1.101.3.4.2.1";
    public const string Sha384 = "2.16.840.1.101.3.4.2.2";
    public const string Sha512 = "2.16.840.1.101.3.4.2.3";

    /// <summary>Proofs that the certificate was logged (RFC 6962 §3.3): they say nothing about its status.</summary>
    public const string SignedCertificateTimestamps = "1.3.6.1.4.1.11129.2.4.5";
    public const string ReasonCode = "2.5.29.21";
    public const string InvalidityDate = "2.5.29.24";
}
