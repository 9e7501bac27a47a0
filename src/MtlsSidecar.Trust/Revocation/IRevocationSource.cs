using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Revocation;

/// <summary>A place that knows which certificates are revoked: the CRLs in memory, or OCSP responders.</summary>
public interface IRevocationSource
{
    /// <summary>Grows whenever an earlier answer may no longer be given.</summary>
    long Generation { get; }

    /// <summary>
    /// Answers about the certificate at <paramref name="index"/> of a path that already holds (0 is the leaf; the anchor is never asked for).
    /// Fails closed: what can't be read or reached is <see cref="RevocationStatus.Unknown"/>, never <see cref="RevocationStatus.Good"/>.
    /// </summary>
    ValueTask<RevocationAnswer> CheckAsync(CertificationPath path, int index, DateTimeOffset at, CancellationToken cancellationToken);
}
