using MtlsSidecar.Proxy.Listeners;

namespace MtlsSidecar.Proxy.Admin;

/// <summary>The body of <c>GET /status</c>.</summary>
internal sealed record StatusAnswer(
    string Name,
    string Version,
    double UptimeSeconds,
    ConfigurationStatus Configuration,
    IdentityStatus Identity,
    IReadOnlyList<TrustStatus> Trust,
    IReadOnlyList<CrlStatusAnswer> Crls,
    ConnectionCounts Connections,
    IReadOnlyList<Refusal> LastRefusals);
