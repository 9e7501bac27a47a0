namespace MtlsSidecar.Proxy.Admin;

/// <summary>One CRL, or one source without a CRL, in <c>/status</c>.</summary>
internal sealed record CrlStatusAnswer(
    string? Issuer, string? Number, DateTimeOffset? ThisUpdate, DateTimeOffset? NextUpdate, int Entries, string Source, string? LastError);
