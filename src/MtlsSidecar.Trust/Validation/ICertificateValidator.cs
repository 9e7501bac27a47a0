namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// The pluggable seam: decides about a peer whose certification path, profile and identity already hold locally.
/// It can only refuse more; it can never admit a peer that the local checks refused.
/// </summary>
public interface ICertificateValidator
{
    /// <summary>The name by which <c>Validation:Validators</c> selects this validator.</summary>
    string Name { get; }

    /// <summary>
    /// Changes whenever an earlier answer may no longer be given (new CRL, new configuration). Part of the verdict cache's key.
    /// </summary>
    long Generation { get; }

    /// <summary>
    /// Gives the verdict. Must honour <paramref name="cancellationToken"/>, which carries the handshake's deadline.
    /// A validator that throws counts as <see cref="RejectionReason.ValidatorUnavailable"/>.
    /// </summary>
    ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken);
}
