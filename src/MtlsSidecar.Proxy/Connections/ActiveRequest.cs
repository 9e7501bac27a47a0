using MtlsSidecar.Proxy.Authorization;

namespace MtlsSidecar.Proxy.Connections;

/// <summary>A request that is being answered.</summary>
/// <param name="Request">What authorization was asked about.</param>
/// <param name="Abort">Breaks it off.</param>
internal sealed record ActiveRequest(AuthorizationRequest Request, Action Abort);
