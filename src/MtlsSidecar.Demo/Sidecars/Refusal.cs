namespace MtlsSidecar.Demo.Sidecars;

/// <summary>A refused peer in a sidecar's <c>/status</c>.</summary>
internal sealed record Refusal(DateTimeOffset Time, string Reason, string? Serial);
