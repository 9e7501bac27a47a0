using MtlsSidecar.Authority.Storage;

namespace MtlsSidecar.Authority.Revocation.Ocsp;

/// <summary>A finished OCSP response.</summary>
/// <param name="Encoded">DER.</param>
/// <param name="Status">Its response status.</param>
/// <param name="Certificate">What it says of the certificate; meaningless unless successful.</param>
internal sealed record OcspAnswer(byte[] Encoded, OcspResponseStatus Status, CertificateStatus Certificate = default)
{
    /// <summary>When it was signed.</summary>
    public DateTimeOffset ThisUpdate { get; init; }

    /// <summary>Until when it holds.</summary>
    public DateTimeOffset NextUpdate { get; init; }

    /// <summary>What it is counted as.</summary>
    public string Name => (Status, Certificate) switch
    {
        (OcspResponseStatus.Successful, { IsKnown: false }) => "unknown",
        (OcspResponseStatus.Successful, { Revocation: not null }) => "revoked",
        (OcspResponseStatus.Successful, _) => "good",
        _ => "error",
    };
}
