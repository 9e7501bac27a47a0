using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;

namespace MtlsSidecar.Trust.Sources.Est;

/// <summary>How a workload enrols.</summary>
/// <param name="Endpoint">The EST server.</param>
/// <param name="TokenFile">Holds the enrolment token; read at each attempt that needs one.</param>
/// <param name="TrustDomain">The trust domain of which the first identity must be.</param>
public sealed record EstEnrolmentOptions(AuthorityEndpoint Endpoint, string TokenFile, TrustDomain TrustDomain);
