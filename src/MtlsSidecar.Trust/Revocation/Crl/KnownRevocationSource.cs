namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>
/// Knows what the CRLs in memory revoke, and nothing else: stands before a source whose "good" must not overrule them. That the certificate is
/// on none of them is no answer here.
/// </summary>
internal sealed class KnownRevocationSource(CrlStore store) : IRevocationSource
{
    /// <inheritdoc/>
    public long Generation => store.Generation;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken)
    {
        var answer = store.Check(question);
        return new(answer.Status == RevocationStatus.Revoked ? answer : new RevocationAnswer(RevocationStatus.Unknown, "", question.At));
    }
}
