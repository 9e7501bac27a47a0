namespace MtlsSidecar.Trust.Validation;

/// <summary>What one <see cref="ICertificateValidator"/> says of a candidate.</summary>
public abstract record CertificateVerdict
{
    private CertificateVerdict()
    {
    }

    /// <summary>This validator has no objection.</summary>
    /// <param name="ValidUntil">How long its word holds; <see cref="DateTimeOffset.MaxValue"/> when it rests on nothing that ends.</param>
    public sealed record Accepted(DateTimeOffset ValidUntil) : CertificateVerdict;

    /// <summary>The candidate is refused.</summary>
    public sealed record Rejected(PeerRejection Rejection) : CertificateVerdict;
}
