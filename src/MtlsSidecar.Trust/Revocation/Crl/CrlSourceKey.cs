namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What tells one source of CRLs from another.</summary>
/// <param name="Source">The file or URL.</param>
/// <param name="Anchor">
/// The trust anchor of the certificates that named the URL; null when the operator named the source. What a URL out of a certificate gives
/// counts under that anchor only: its server, and everybody on the way to it, must not reach the peers of other authorities.
/// </param>
internal readonly record struct CrlSourceKey(string Source, string? Anchor = null)
{
    /// <summary>Whether a certificate named the source.</summary>
    public bool IsLearned => Anchor is not null;
}
