namespace MtlsSidecar.TestKit.Peers;

/// <summary>What a load generator counted.</summary>
public sealed record LoadResult(long Requests, long Succeeded, string Output);
