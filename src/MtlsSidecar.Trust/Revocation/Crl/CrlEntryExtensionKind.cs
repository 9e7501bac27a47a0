namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>The CRL entry extensions that decide something (RFC 5280 §5.3).</summary>
internal enum CrlEntryExtensionKind
{
    /// <summary>Understood or not critical, and without effect here: invalidity date, hold instruction, private ones.</summary>
    Ignored,

    /// <summary>Why the certificate was revoked.</summary>
    ReasonCode,

    /// <summary>Whose certificate the entry names, in an indirect CRL.</summary>
    CertificateIssuer,
}
