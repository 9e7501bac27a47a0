using MtlsSidecar.Trust.Paths.Names;

namespace MtlsSidecar.Trust.Revocation.Crl;

/// <summary>What two CRLs have in common when one can take the other's place.</summary>
/// <param name="Issuer">Who issued them.</param>
/// <param name="IsDelta">Whether they are delta CRLs.</param>
/// <param name="KeyIdentifier">The key that they say has signed them, in hexadecimal; empty when they don't say.</param>
/// <param name="DistributionPoint">Their issuing distribution point's encoding, in hexadecimal; empty when there is none.</param>
internal sealed record CrlScope(DistinguishedName Issuer, bool IsDelta, string KeyIdentifier, string DistributionPoint);
