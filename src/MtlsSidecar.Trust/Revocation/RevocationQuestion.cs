using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation;

/// <summary>
/// Is this certificate revoked? Asked only about a path that already holds, so URLs inside its certificates may be followed.
/// </summary>
/// <param name="Path">The path, leaf first, trust anchor last.</param>
/// <param name="Index">Which certificate of it; 0 is the leaf, the anchor is never asked for.</param>
/// <param name="Others">
/// Further certificates, known or as the peer presented them: the signer of a CRL or OCSP response may be among them. Nothing in them is
/// believed without a path of its own to the same anchor.
/// </param>
/// <param name="At">The time for which the answer is wanted.</param>
public sealed record RevocationQuestion(CertificationPath Path, int Index, IReadOnlyList<ReadOnlyMemory<byte>> Others, DateTimeOffset At)
{
    /// <summary>The certificate asked for.</summary>
    public ParsedCertificate Certificate => Path.Certificates[Index];

    /// <summary>The certificate of its issuer.</summary>
    public ParsedCertificate Issuer => Path.Certificates[Index + 1];
}
