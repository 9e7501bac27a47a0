namespace MtlsSidecar.Trust.Revocation;

/// <summary>A place that knows which certificates are revoked: the CRLs in memory, or OCSP responders.</summary>
public interface IRevocationSource
{
    /// <summary>Grows whenever an earlier answer may no longer be given.</summary>
    long Generation { get; }

    /// <summary>
    /// Answers about one certificate. Fails closed: what can't be read or reached is <see cref="RevocationStatus.Unknown"/>, never
    /// <see cref="RevocationStatus.Good"/>. Throws nothing but <see cref="OperationCanceledException"/> at the caller's deadline.
    /// </summary>
    ValueTask<RevocationAnswer> CheckAsync(RevocationQuestion question, CancellationToken cancellationToken);
}
