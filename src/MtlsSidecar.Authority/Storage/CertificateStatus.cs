namespace MtlsSidecar.Authority.Storage;

/// <summary>What the authority knows of a certificate by issuer and serial number.</summary>
/// <param name="IsKnown">Whether it issued one with that number.</param>
/// <param name="Revocation">When and why it was revoked; null when it was not.</param>
internal readonly record struct CertificateStatus(bool IsKnown, RevocationRecord? Revocation)
{
    /// <summary>When it ends; meaningless unless known.</summary>
    public DateTimeOffset NotAfter { get; init; }
}
