using MtlsSidecar.Proxy.Configuration.Constraints;
using MtlsSidecar.Trust.Revocation;

namespace MtlsSidecar.Proxy.Configuration;

/// <summary><c>Sidecar:Validation</c>: what a peer's certificate is held to beyond path, profile and identity, which are always checked.</summary>
public sealed class ValidationOptions
{
    /// <summary>
    /// The validators asked in order; all must accept. <c>Local</c>, <c>Authority</c> or the name of one that the host registered.
    /// Default <c>Local</c>.
    /// </summary>
    [NotEmpty]
    public List<string> Validators { get; init; } = ["Local"];

    /// <summary>Which certificates of a path are checked for revocation. Default <see cref="RevocationMode.Chain"/>.</summary>
    public RevocationMode Revocation { get; init; } = RevocationMode.Chain;

    /// <summary>What follows when no CRL or OCSP answer is usable. Default and safe value <see cref="UnknownStatusPolicy.Reject"/>.</summary>
    public UnknownStatusPolicy UnknownStatus { get; init; } = UnknownStatusPolicy.Reject;

    /// <summary>Certificate revocation lists.</summary>
    public CrlOptions Crl { get; init; } = new();

    /// <summary>Online certificate status.</summary>
    public OcspOptions Ocsp { get; init; } = new();

    /// <summary>The certification authority's validation endpoint, for the validator <c>Authority</c>.</summary>
    public AuthorityValidatorOptions Authority { get; init; } = new();
}
