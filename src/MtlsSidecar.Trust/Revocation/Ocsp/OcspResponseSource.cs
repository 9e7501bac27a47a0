namespace MtlsSidecar.Trust.Revocation.Ocsp;

/// <summary>Answers from one response at hand and asks nobody: for audits.</summary>
/// <param name="response">The response, DER.</param>
/// <param name="options">Which responses count.</param>
public sealed class OcspResponseSource(ReadOnlyMemory<byte> response, OcspOptions options) : IRevocationSource
{
    /// <inheritdoc/>
    public long Generation => 0;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken) => new(Check(question));

    /// <summary>Answers from the response. Fails closed: what can't be used covers nothing.</summary>
    public RevocationAnswer Check(RevocationQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        try
        {
            return OcspCheck.Judge(response, question, options, nonce: null).ToRevocationAnswer(DateTimeOffset.MaxValue);
        }
        catch (OcspException exception)
        {
            return new RevocationAnswer(RevocationStatus.Unknown, $"OCSP: {exception.Message}", question.At) { Rule = OcspAnswer.Rule };
        }
    }
}
