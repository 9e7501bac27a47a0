namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>A set of reasons that a distribution point or CRL covers (<c>ReasonFlags</c>, RFC 5280 §4.2.1.13). Bit n is the standard's bit n.</summary>
[Flags]
internal enum ReasonFlags
{
    None = 0,
    KeyCompromise = 1 << 1,
    CACompromise = 1 << 2,
    AffiliationChanged = 1 << 3,
    Superseded = 1 << 4,
    CessationOfOperation = 1 << 5,
    CertificateHold = 1 << 6,
    PrivilegeWithdrawn = 1 << 7,
    AACompromise = 1 << 8,

    /// <summary>The special value all-reasons of RFC 5280 §6.3.2.</summary>
    All = KeyCompromise | CACompromise | AffiliationChanged | Superseded | CessationOfOperation | CertificateHold | PrivilegeWithdrawn | AACompromise,
}
