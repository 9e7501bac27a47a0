namespace MtlsSidecar.Trust.Validation;

/// <summary>Asks several validators in order; all must accept. The first refusal is the answer.</summary>
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
        foreach (var validator in validators)
        {
            CertificateVerdict verdict;
            try
            {
                verdict = await validator.ValidateAsync(candidate, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                return new CertificateVerdict.Rejected(new PeerRejection(
                    RejectionReason.ValidatorUnavailable, $"validator {validator.Name} failed: {exception.GetType().Name}: {exception.Message}"));
            }

            switch (verdict)
            {
                case CertificateVerdict.Accepted accepted:
                    validUntil = accepted.ValidUntil < validUntil ? accepted.ValidUntil : validUntil;
                    break;
                default:
                    return verdict;
            }
        }

        return new CertificateVerdict.Accepted(validUntil);
    }
}
