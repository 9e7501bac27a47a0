using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Revocation.Ocsp;
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
        var ocsp = validation.Ocsp.Enabled ? new OcspRevocationSource(services.GetRequiredService<OcspStore>()) : null;
        var local = new LocalCertificateValidator(
            new RevocationPolicy(validation.Revocation, validation.UnknownStatus),
            RevocationSources.InOrder(validation.Ocsp.Order, services.GetRequiredService<CrlStore>(), services.GetRequiredService<CrlFetcher>(), ocsp));
        var known = services.GetServices<ICertificateValidator>().Append(local).ToDictionary(validator => validator.Name);
        return new CompositeCertificateValidator([.. validation.Validators.Select(name => known[name])]);
    }

    /// <summary>The store for the CRLs of this process, still empty.</summary>
    internal static CrlStore CreateCrlStore(SidecarOptions options, TimeProvider timeProvider, ICrlObserver? observer)
        => new(new Trust.Revocation.Crl.CrlOptions { MaxStaleness = options.Validation.Crl.MaxStaleness }, timeProvider, observer);

    /// <summary>What keeps CRLs from URLs current.</summary>
    internal static CrlFetcher CreateCrlFetcher(SidecarOptions options, IServiceProvider services)
    {
        var crl = options.Validation.Crl;
        var fetching = new CrlFetchOptions
        {
            Urls = [.. crl.Urls.Select(url => url.AbsoluteUri)],
            UseDistributionPoints = crl.UseDistributionPoints,
            RefreshInterval = crl.RefreshInterval,
            CacheDirectory = crl.CacheDirectory,
        };
        return new CrlFetcher(
            services.GetRequiredService<CrlStore>(),
            fetching,
            CreateFetchOptions(options, services),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ICrlObserver>());
    }

    /// <summary>What OCSP responders said; asks nobody unless OCSP is on.</summary>
    internal static OcspStore CreateOcspStore(SidecarOptions options, IServiceProvider services)
    {
        var ocsp = options.Validation.Ocsp;
        var crls = services.GetRequiredService<CrlStore>();
        var fetching = new OcspFetchOptions
        {
            Url = ocsp.Url?.AbsoluteUri,
            Method = ocsp.Method,
            UseNonce = ocsp.Nonce,
            Timeout = ocsp.Timeout,
            RefreshInterval = ocsp.RefreshInterval,
        };
        return new OcspStore(
            fetching,
            new Trust.Revocation.Ocsp.OcspOptions { IsRevokedResponder = question => crls.Check(question).Status == RevocationStatus.Revoked },
            CreateFetchOptions(options, services),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<IOcspObserver>());
    }

    /// <summary>
    /// Reads the CRL files for <c>check</c> and gives every error. The daemon itself starts with a CRL that can't be read: it may be replaced
    /// any minute, and until then the unknown policy decides.
    /// </summary>
    public static async Task<IReadOnlyList<string>> CheckCrlFilesAsync(SidecarOptions options)
    {
        using var files = new CrlFiles(CreateCrlStore(options, TimeProvider.System, observer: null), options.Validation.Crl.Files);
        return await files.ReloadAsync(CancellationToken.None);
    }

    /// <summary>The guards on every address that revocation is fetched from.</summary>
    private static FetchOptions CreateFetchOptions(SidecarOptions options, IServiceProvider services)
    {
        var trust = services.GetRequiredService<ITrustBundleSource>();
        var listeners = services.GetRequiredService<ListenerDirectory>();
        return new FetchOptions
        {
            AllowedHosts = options.Validation.Crl.AllowedHosts,
            OwnListeners = () => [.. listeners.BoundEndPoints.OfType<IPEndPoint>()],
            AdditionalRoots = () => trust.Current.Bundles.Own.Anchors,
        };
    }

    /// <summary>The one validator of peers, for both directions.</summary>
    internal static PeerValidator CreatePeerValidator(SidecarOptions options, IServiceProvider services) => new(
        services.GetRequiredService<ITrustBundleSource>(),
        CreateValidator(options, services),
        Trust.Validation.ValidationOptions.Workload,
        services.GetRequiredService<TimeProvider>());
}
