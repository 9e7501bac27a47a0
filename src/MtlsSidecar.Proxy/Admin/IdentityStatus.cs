namespace MtlsSidecar.Proxy.Admin;

/// <summary>Who this workload is, in <c>/status</c>; without a certificate there is only the error.</summary>
internal sealed record IdentityStatus(string? Subject, string? SpiffeId, string? Serial, DateTimeOffset? NotAfter, string? LastError);
