namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>A CRL in memory.</summary>
/// <param name="Issuer">Its issuer's name.</param>
/// <param name="NextUpdate">When it must have been replaced, if it says so.</param>
/// <param name="Entries">How many certificates it revokes.</param>
internal readonly record struct ObservedCrl(string Issuer, DateTimeOffset? NextUpdate, long Entries);
