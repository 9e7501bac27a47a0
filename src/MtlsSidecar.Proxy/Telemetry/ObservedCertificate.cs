namespace MtlsSidecar.Proxy.Telemetry;

/// <summary>A certificate whose end is watched.</summary>
/// <param name="Role">What it is for: <c>identity</c>, or <c>trust_anchor</c> for the one that ends first.</param>
/// <param name="NotAfter">When it ends.</param>
internal readonly record struct ObservedCertificate(string Role, DateTimeOffset NotAfter);
