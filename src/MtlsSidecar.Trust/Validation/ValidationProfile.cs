namespace MtlsSidecar.Trust.Validation;

/// <summary>Which rules a certificate is held to.</summary>
public enum ValidationProfile
{
    /// <summary>RFC 5280 plus algorithm floor, leaf rules and identity (SPIFFE X.509-SVID). What the daemon uses.</summary>
    Workload,

    /// <summary>Certification path validation as in RFC 5280 §6 alone.</summary>
    Rfc5280,
}
