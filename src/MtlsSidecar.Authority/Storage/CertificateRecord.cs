namespace MtlsSidecar.Authority.Storage;

/// <summary>A certificate that was issued.</summary>
internal sealed record CertificateRecord
{
    /// <summary>The name of the issuer, as in URLs.</summary>
    public required string Issuer { get; init; }

    /// <summary>Unique below its issuer.</summary>
    public required SerialNumber Serial { get; init; }

    /// <summary>What it is for.</summary>
    public required CertificateKind Kind { get; init; }

    /// <summary>The SPIFFE ID of a workload; the subject of anything else.</summary>
    public required string Identity { get; init; }

    /// <summary>The DNS names.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>Begin of the validity period.</summary>
    public required DateTimeOffset NotBefore { get; init; }

    /// <summary>End of the validity period.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>How it came about: <c>command</c>, <c>token</c>, <c>renewal</c> or <c>internal</c>.</summary>
    public required string Origin { get; init; }

    /// <summary>The certificate, DER.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>When and why it was revoked; null when it was not. Read only.</summary>
    public RevocationRecord? Revocation { get; init; }
}
