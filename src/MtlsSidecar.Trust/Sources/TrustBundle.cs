using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Paths;

namespace MtlsSidecar.Trust.Sources;

/// <summary>The trust anchors of one trust domain (SPIFFE Trust Domain and Bundle §4).</summary>
/// <param name="TrustDomain">Whose anchors they are; null when the own trust domain has no SPIFFE name.</param>
/// <param name="Anchors">The anchors; at least one.</param>
public sealed record TrustBundle(TrustDomain? TrustDomain, IReadOnlyList<ParsedCertificate> Anchors);
