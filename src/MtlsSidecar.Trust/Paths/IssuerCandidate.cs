namespace MtlsSidecar.Trust.Paths;

/// <summary>A certificate that may stand above another.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="IsAnchor">Whether a path may end in it.</param>
internal sealed record IssuerCandidate(ParsedCertificate Certificate, bool IsAnchor);
