using MtlsSidecar.Trust.Authorities;

namespace MtlsSidecar.Trust.Validation;

/// <summary>How the certification authority is asked about peers.</summary>
/// <param name="Endpoint">Where, who must answer, and how long a call may take.</param>
/// <param name="CacheDuration">How long an answer counts at most. Zero: every handshake asks.</param>
public sealed record AuthorityValidationOptions(AuthorityEndpoint Endpoint, TimeSpan CacheDuration);
