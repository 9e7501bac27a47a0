using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Revocation;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Fetching;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Sources.Est;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>Composes the validators that the configuration names.</summary>
public static class SidecarValidation
{
    /// <summary>The key under which <see cref="CreateServerValidator"/>'s is registered.</summary>
    internal const string ServerValidator = "authority-server";

    private const string Local = "Local";
    private const string Authority = "Authority";

    /// <summary>The store for the CRLs of this process, still empty.</summary>
    internal static CrlStore CreateCrlStore(SidecarOptions options, TimeProvider timeProvider, ICrlObserver? observer)
        => new(new Trust.Revocation.Crl.CrlOptions { MaxStaleness = options.Validation.Crl.MaxStaleness, CacheDirectory = options.Validation.Crl.CacheDirectory }, timeProvider, observer);

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
    /// Reads and examines the CRL files for <c>check</c>. The daemon itself starts with a CRL that is no good: it may be replaced any minute,
    /// and until then the unknown policy decides.
    /// </summary>
    /// <param name="options">The configuration.</param>
    /// <param name="known">Who may have signed them; null when that isn't known, and then signatures aren't looked at.</param>
    /// <param name="errors">Takes what is wrong for certain, each with the key of its file.</param>
    /// <param name="warnings">Takes what a peer may mend by the certificates that it presents.</param>
    public static async Task ExamineCrlFilesAsync(
        SidecarOptions options, KnownIssuers? known, ICollection<ConfigurationError> errors, ICollection<ConfigurationWarning> warnings)
    {
        var paths = options.Validation.Crl.Files;
        using var store = CreateCrlStore(options, TimeProvider.System, observer: null);
        for (var index = 0; index < paths.Count; index++)
        {
            // One that is missing is an error of its own already.
            if (!File.Exists(paths[index]))
            {
                continue;
            }

            using var file = new CrlFiles(store, [paths[index]]);
            foreach (var error in await file.ReloadAsync(CancellationToken.None))
            {
                errors.Add(new ConfigurationError(KeyOf(index), error));
            }
        }

        foreach (var problem in store.Examine(paths, known ?? new KnownIssuers([], [])))
        {
            var (key, message) = (KeyOf(paths.IndexOf(problem.Source)), $"{problem.Source}: {problem.Message}");
            if (problem.IsCertain)
            {
                errors.Add(new ConfigurationError(key, message));
            }
            else if (known is not null)
            {
                warnings.Add(new ConfigurationWarning(key, message));
            }
        }

        static string KeyOf(int index) => $"Sidecar:Validation:Crl:Files:{index}";
    }

    /// <summary>Revocation by CRLs and, where it is switched on, OCSP.</summary>
    internal static LocalCertificateValidator CreateLocalValidator(SidecarOptions options, IServiceProvider services)
    {
        var validation = options.Validation;
        var ocsp = validation.Ocsp.Enabled ? new OcspRevocationSource(services.GetRequiredService<OcspStore>()) : null;
        return new LocalCertificateValidator(
            new RevocationPolicy(validation.Revocation, validation.UnknownStatus),
            RevocationSources.InOrder(validation.Ocsp.Order, services.GetRequiredService<CrlStore>(), services.GetRequiredService<CrlFetcher>(), ocsp));
    }

    /// <summary>The guards on every address that revocation is fetched from.</summary>
    private static FetchOptions CreateFetchOptions(SidecarOptions options, IServiceProvider services)
    {
        var trust = services.GetRequiredService<ITrustBundleSource>();
        var listeners = services.GetRequiredService<ListenerDirectory>();
        var tunnels = services.GetRequiredService<TunnelSet>();
        return new FetchOptions
        {
            AllowedHosts = options.Validation.Crl.AllowedHosts,
            OwnListeners = () => [.. listeners.BoundEndPoints.OfType<IPEndPoint>()],
            GuardedApplications = () => ApplicationEndPoints(options.Inbound, tunnels),
            AdditionalRoots = () => trust.Current.Bundles.Own.Anchors,
        };
    }

    /// <summary>
    /// Where the applications listen that this sidecar stands before, and to which outbound tunnels lead on this machine. With
    /// <c>AllowNonLoopback</c> they may be named by a host; what that resolves to is not known here, so such a one isn't covered.
    /// </summary>
    internal static IReadOnlyCollection<IPEndPoint> ApplicationEndPoints(InboundOptions? inbound, TunnelSet tunnels)
    {
        var addresses = tunnels.All.SelectMany(tunnel => tunnel.Options.Destinations).Where(address => address.IsLoopback || address.Address is not null);
        return [.. addresses.Concat(inbound is null ? [] : [inbound.Application]).SelectMany(EndPointsOf)];

        static IEnumerable<IPEndPoint> EndPointsOf(EndpointAddress address) => address switch
        {
            { Address: { } ip } => [new IPEndPoint(ip, address.Port)],
            { Host: "localhost" } => [new IPEndPoint(IPAddress.Loopback, address.Port), new IPEndPoint(IPAddress.IPv6Loopback, address.Port)],
            _ => [],
        };
    }

    /// <summary>The one validator of peers, for both directions.</summary>
    internal static PeerValidator CreatePeerValidator(SidecarOptions options, IServiceProvider services)
        => CreatePeerValidator(options.Validation.Validators, services);

    /// <summary>The validator of the authority's own server: that of peers, but it can't ask the server about itself.</summary>
    internal static PeerValidator CreateServerValidator(SidecarOptions options, IServiceProvider services)
        => CreatePeerValidator(options.Validation.Validators.Where(name => !IsAuthority(name)), services);

    /// <summary>The validator that asks the authority.</summary>
    internal static AuthorityCertificateValidator CreateAuthorityValidator(SidecarOptions options, IServiceProvider services)
    {
        var authority = options.Validation.Authority;
        var url = authority.Url ?? throw new InvalidOperationException("The validator Authority needs a URL.");
        IReadOnlyList<IdentityPattern> expected = authority.PeerIdentities.Count > 0 ? authority.PeerIdentities : [IdentityPattern.ForHost(url.IdnHost)];
        return new AuthorityCertificateValidator(
            new AuthorityValidationOptions(
                new AuthorityEndpoint(url, new PeerExpectation(CertificateUsage.Server, expected), authority.Timeout), authority.CacheDuration),
            services.GetRequiredKeyedService<PeerValidator>(ServerValidator),
            services.GetRequiredService<ISvidSource>(),
            services.GetRequiredService<TimeProvider>());
    }

    /// <summary>The validators in the order of their names; those beyond the built-in ones are the host's own.</summary>
    private static PeerValidator CreatePeerValidator(IEnumerable<string> names, IServiceProvider services)
    {
        var others = services.GetServices<ICertificateValidator>().ToDictionary(validator => validator.Name, StringComparer.OrdinalIgnoreCase);
        var validators = names.Select(name => name switch
        {
            _ when IsAuthority(name) => services.GetRequiredService<AuthorityCertificateValidator>(),
            _ when name.Equals(Local, StringComparison.OrdinalIgnoreCase) => services.GetRequiredService<LocalCertificateValidator>(),
            _ => others[name],
        });
        return new PeerValidator(
            services.GetRequiredService<ITrustBundleSource>(),
            new CompositeCertificateValidator([.. validators]),
            Trust.Validation.ValidationOptions.Workload,
            services.GetRequiredService<TimeProvider>())
        {
            KnownIssuers = services.GetRequiredService<ISvidSource>() is EstSvidSource enrolled ? () => enrolled.Issuers : static () => [],
        };
    }

    private static bool IsAuthority(string name) => name.Equals(Authority, StringComparison.OrdinalIgnoreCase);
}
