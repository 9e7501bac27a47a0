using MtlsSidecar.Trust.Paths;
using MtlsSidecar.Trust.Paths.Signatures;

namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>A response as read (<c>BasicOCSPResponse</c>, RFC 6960 §4.2.1). Nothing in it is believed before <see cref="OcspCheck"/> has found its signer.</summary>
internal sealed record OcspResponse
{
    /// <summary>Who says to have signed it.</summary>
    public required OcspResponderId ResponderId { get; init; }

    /// <summary>What it says, certificate by certificate.</summary>
    public required IReadOnlyList<OcspSingleResponse> Entries { get; init; }

    /// <summary>The nonce; null when there is none.</summary>
    public required ReadOnlyMemory<byte>? Nonce { get; init; }

    /// <summary>The signed part (<c>tbsResponseData</c>), DER.</summary>
    public required ReadOnlyMemory<byte> SignedData { get; init; }

    /// <summary>The signature's algorithm.</summary>
    public required SignatureAlgorithm Algorithm { get; init; }

    /// <summary>The signature.</summary>
    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>The certificates that came with it; those that can't be read are left out.</summary>
    public required IReadOnlyList<ParsedCertificate> Certificates { get; init; }
}
