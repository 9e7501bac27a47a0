namespace MtlsSidecar.Proxy.Admin;

/// <summary>One trust bundle in <c>/status</c>.</summary>
internal sealed record TrustStatus(string? TrustDomain, int Anchors, string? LastError);
