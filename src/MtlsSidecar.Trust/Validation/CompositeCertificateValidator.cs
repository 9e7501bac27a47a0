namespace MtlsSidecar.Trust.Validation;

/// <summary>
/// Asks several validators in order; all must accept. The first refusal is the answer, save that one which couldn't decide leaves the word to
/// those after it.
/// </summary>
public sealed class CompositeCertificateValidator(IReadOnlyList<ICertificateValidator> validators) : ICertificateValidator
{
    /// <inheritdoc/>
    public string Name => string.Join('+', validators.Select(validator => validator.Name));

    /// <inheritdoc/>
    public long Generation => validators.Sum(validator => validator.Generation);

    /// <summary>Fails closed: a validator that throws counts as unavailable, and an unavailable validator refuses.</summary>
    public async ValueTask<CertificateVerdict> ValidateAsync(CandidatePeer candidate, CancellationToken cancellationToken)
    {
        var validUntil = DateTimeOffset.MaxValue;
        PeerRejection? undecided = null;
        foreach (var validator in validators)
        {
            CertificateVerdict verdict;
            try
            {
                verdict = await validator.ValidateAsync(candidate, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                verdict = new CertificateVerdict.Rejected(PeerRejection.ForFailure($"validator {validator.Name} failed", exception));
            }

            switch (verdict)
            {
                case CertificateVerdict.Accepted accepted:
                    validUntil = accepted.ValidUntil < validUntil ? accepted.ValidUntil : validUntil;
                    break;
                case CertificateVerdict.Rejected { Rejection: var rejection } when rejection.Reason.IsUndecided():
                    undecided = undecided is null || (rejection.IsDefect && !undecided.IsDefect) ? rejection : undecided;
                    break;
                default:
                    return verdict;
            }
        }

        return undecided is null ? new CertificateVerdict.Accepted(validUntil) : new CertificateVerdict.Rejected(undecided);
    }
}
