using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Enrolment;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Trust.Authorities;
using MtlsSidecar.Trust.Identity;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Sources.Est;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>Adds the source of the own identity with what keeps it current: watched files, or enrolment.</summary>
internal static class SidecarIdentity
{
    /// <summary>How long one EST operation may take. An authority may have to ask a hardware module; nobody waits for it.</summary>
    private static readonly TimeSpan EnrolmentTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Adds it.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services, SidecarOptions options, ISvidSource svid)
    {
        services.AddSingleton(svid);
        return svid switch
        {
            FileSvidSource files => services.AddSingleton(files).AddSingleton<IReloadable, IdentityReload>(),
            EstSvidSource enrolled => services.AddSingleton(enrolled).AddEnrolment(options),
            _ => throw new ArgumentException($"Unknown source {svid.GetType()}.", nameof(svid)),
        };
    }

    private static IServiceCollection AddEnrolment(this IServiceCollection services, SidecarOptions options) => services
        .AddSingleton(provider => CreateEnrolment(options, provider))
        .AddSingleton<EnrolmentReload>()
        .AddSingleton<IssuersReload>()
        .AddSingleton<IReloadable>(provider => provider.GetRequiredService<EnrolmentReload>())
        .AddSingleton<IReloadable>(provider => provider.GetRequiredService<IssuersReload>())
        .AddHostedService(provider => new EnrolmentSchedule(
            provider.GetRequiredService<EstEnrolment>(),
            provider.GetRequiredService<EstSvidSource>(),
            (provider.GetRequiredService<Reload>(), provider.GetRequiredService<EnrolmentReload>(), provider.GetRequiredService<IssuersReload>()),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<EnrolmentSchedule>>()));

    private static EstEnrolment CreateEnrolment(SidecarOptions options, IServiceProvider services)
    {
        var est = options.Identity.Est;
        if (est.Url is not { } url || options.Trust.TrustDomain is not { } trustDomain)
        {
            throw new InvalidOperationException("Enrolment needs a URL and a trust domain.");
        }

        var expectation = new PeerExpectation(CertificateUsage.Server, [IdentityPattern.ForHost(url.IdnHost)]);
        return new EstEnrolment(
            new EstEnrolmentOptions(new AuthorityEndpoint(url, expectation, EnrolmentTimeout), est.TokenFile, trustDomain),
            services.GetRequiredService<EstSvidSource>(),
            services.GetRequiredService<ITrustBundleSource>(),
            services.GetRequiredKeyedService<PeerValidator>(SidecarValidation.ServerValidator),
            services.GetRequiredService<TimeProvider>());
    }
}
