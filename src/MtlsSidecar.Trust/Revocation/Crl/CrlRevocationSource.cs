namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>Answers from CRLs: those in memory.</summary>
public sealed class CrlRevocationSource(CrlStore store) : IRevocationSource
{
    /// <inheritdoc/>
    public long Generation => store.Generation;

    /// <inheritdoc/>
    public ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken) => new(store.Check(question));
}
