using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>Composes the validators that the configuration names.</summary>
public static class SidecarValidation
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

    /// <summary>The store for the CRLs of this process, still empty.</summary>
    internal static CrlStore CreateCrlStore(SidecarOptions options, TimeProvider timeProvider, ICrlObserver? observer)
        => new(new Trust.Revocation.Crl.CrlOptions { MaxStaleness = options.Validation.Crl.MaxStaleness }, timeProvider, observer);

    /// <summary>
    /// Reads the CRL files for <c>check</c> and gives every error. The daemon itself starts with a CRL that can't be read: it may be replaced
    /// any minute, and until then the unknown policy decides.
    /// </summary>
    public static async Task<IReadOnlyList<string>> CheckCrlFilesAsync(SidecarOptions options)
    {
        using var files = new CrlFiles(CreateCrlStore(options, TimeProvider.System, observer: null), options.Validation.Crl.Files);
        return await files.ReloadAsync(CancellationToken.None);
    }

    /// <summary>The one validator of peers, for both directions.</summary>
    internal static PeerValidator CreatePeerValidator(SidecarOptions options, IServiceProvider services) => new(
        services.GetRequiredService<ITrustBundleSource>(),
        CreateValidator(options, services),
        Trust.Validation.ValidationOptions.Workload,
        services.GetRequiredService<TimeProvider>());
}
