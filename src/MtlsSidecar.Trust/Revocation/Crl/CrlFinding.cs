namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>An answer from memory, and where more could be had.</summary>
/// <param name="Answer">The answer.</param>
/// <param name="CrlUrls">The http URLs of the certificate's distribution points, in their order.</param>
/// <param name="DeltaUrls">The http URLs of delta CRLs, of the certificate and of the CRLs consulted.</param>
/// <param name="HasNews">Whether a CRL is known to be genuine now of which nobody has been told yet.</param>
internal sealed record CrlFinding(RevocationAnswer Answer, IReadOnlyList<string> CrlUrls, IReadOnlyList<string> DeltaUrls, bool HasNews);
