namespace MtlsSidecar.Demo.Sidecars;

/// <summary>Who a sidecar is, in its <c>/status</c>.</summary>
internal sealed record SidecarIdentity(string SpiffeId, string Serial);
