namespace MtlsSidecar.Trust.Revocation;

/// <summary>How revocation decides about a path.</summary>
/// <param name="Mode">Which certificates are checked.</param>
/// <param name="UnknownIs">What follows when nothing usable covers one of them.</param>
public sealed record RevocationPolicy(RevocationMode Mode, UnknownStatusPolicy UnknownIs);
