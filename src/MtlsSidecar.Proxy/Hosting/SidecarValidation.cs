using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>Composes the validators that the configuration names.</summary>
internal static class SidecarValidation
{
    /// <summary>The validators in the order of <c>Validation:Validators</c>; those beyond the built-in ones are the host's own.</summary>
    private static CompositeCertificateValidator CreateValidator(SidecarOptions options, IServiceProvider services)
    {
        var validation = options.Validation;
        var local = new LocalCertificateValidator(
            new RevocationPolicy(validation.Revocation, validation.UnknownStatus),
            [new CrlRevocationSource(services.GetRequiredService<CrlStore>())]);
        var known = services.GetServices<ICertificateValidator>().Append(local).ToDictionary(validator => validator.Name);
        return new CompositeCertificateValidator([.. validation.Validators.Select(name => known[name])]);
    }

    /// <summary>The one validator of peers, for both directions.</summary>
    public static PeerValidator CreatePeerValidator(SidecarOptions options, IServiceProvider services) => new(
        services.GetRequiredService<ITrustBundleSource>(),
        CreateValidator(options, services),
        Trust.Validation.ValidationOptions.Workload,
        services.GetRequiredService<TimeProvider>());
}
