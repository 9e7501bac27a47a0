using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MtlsSidecar.Proxy.Admin;
using MtlsSidecar.Proxy.Authorization;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Draining;
using MtlsSidecar.Proxy.Inbound;
using MtlsSidecar.Proxy.Listeners;
using MtlsSidecar.Proxy.Outbound;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Revocation.Ocsp;
using MtlsSidecar.Trust.Sources;
using MtlsSidecar.Trust.Validation;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MtlsSidecar.Proxy.Hosting;

/// <summary>
/// Puts the data plane into a host: <c>builder.AddMtlsSidecar(…)</c>, then <c>app.UseMtlsSidecar()</c>. Opens the listeners of the Sidecar
/// section and no others, whatever else the host's configuration says.
/// </summary>
public static class SidecarBuilderExtensions
{
    /// <summary>Adds the sidecar.</summary>
    /// <param name="builder">A builder without a server of its own (<c>WebApplication.CreateEmptyBuilder</c>).</param>
    /// <param name="options">The checked configuration.</param>
    /// <param name="material">The identity and trust that it names.</param>
    /// <param name="source">Where the configuration is read again from; null for a host that never changes it.</param>
    public static WebApplicationBuilder AddMtlsSidecar(
        this WebApplicationBuilder builder, SidecarOptions options, TrustMaterial material, ISidecarOptionsSource? source = null)
    {
        var services = builder.Services;
        builder.WebHost.UseKestrelCore();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services
            .AddTrust(options, material)
            .AddSidecarTelemetry()
            .AddSingleton<AccessLog>()
            .AddConnections(options)
            .AddListeners()
            .AddInbound(options)
            .AddOutbound(options)
            .AddReloading(options, source)

            // Hosted services start in this order: no tunnel before the CRL files are read.
            .AddTunnels(options)
            .AddIdentity(options, material.Svid)
            .AddDraining(options)
            .AddAdmin(options, material);
        return builder;
    }

    /// <summary>Starts the pipelines: every request goes to the pipeline of the listener that accepted it.</summary>
    public static WebApplication UseMtlsSidecar(this WebApplication app)
    {
        var services = app.Services;
        services.GetRequiredService<Upstreams>().Follow(ForwardingEndpoints.Create(services));
        Gauges.Observe(
            services.GetRequiredService<SidecarMetrics>(),
            services.GetRequiredService<ConnectionRegistry>(),
            services.GetRequiredService<ISvidSource>(),
            services.GetRequiredService<ITrustBundleSource>(),
            services.GetRequiredService<CrlStore>());

        // Listens from the start, not from the first scrape.
        services.GetRequiredService<SidecarTelemetry>();
        var dispatcher = services.GetRequiredService<RequestDispatcher>();
        app.Run(dispatcher.InvokeAsync);
        return app;
    }

    private static IServiceCollection AddTrust(this IServiceCollection services, SidecarOptions options, TrustMaterial material) => services
        .AddSingleton<ITrustBundleSource>(material.Bundles)
        .AddSingleton(material.Bundles)
        .AddSingleton<ICrlObserver, CrlLog>()
        .AddSingleton(provider => SidecarValidation.CreateCrlStore(options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ICrlObserver>()))
        .AddSingleton(provider => SidecarValidation.CreateCrlFetcher(options, provider))
        .AddSingleton<IOcspObserver, OcspLog>()
        .AddSingleton(provider => SidecarValidation.CreateOcspStore(options, provider))
        .AddSingleton(provider => new CrlFiles(provider.GetRequiredService<CrlStore>(), options.Validation.Crl.Files))
        .AddSingleton(provider => SidecarValidation.CreateLocalValidator(options, provider))
        .AddSingleton(provider => SidecarValidation.CreateAuthorityValidator(options, provider))
        .AddKeyedSingleton(SidecarValidation.ServerValidator, (provider, _) => SidecarValidation.CreateServerValidator(options, provider))
        .AddSingleton(provider => SidecarValidation.CreatePeerValidator(options, provider));

    private static IServiceCollection AddConnections(this IServiceCollection services, SidecarOptions options) => services
        .AddSingleton(new RevalidationPolicy(options.Validation.Crl.StaleCutsConnections))
        .AddSingleton<ConnectionRegistry>()
        .AddSingleton(provider => new ConnectionRevalidation(
            provider.GetRequiredService<ConnectionRegistry>(),
            provider.GetRequiredService<PeerValidator>(),
            provider.GetRequiredService<AuthorizationState>(),
            provider.GetRequiredService<RevalidationPolicy>(),
            (provider.GetRequiredService<SidecarMetrics>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ConnectionRevalidation>>())))
        .AddHostedService(provider => provider.GetRequiredService<ConnectionRevalidation>());

    private static IServiceCollection AddListeners(this IServiceCollection services) => services
        .AddSingleton<ListenerDirectory>()
        .AddSingleton<RecentRefusals>()
        .AddSingleton<RefusalRecorder>()
        .AddSingleton(provider => new InboundStages(
            provider.GetRequiredService<ISvidSource>(),
            provider.GetRequiredService<PeerValidator>(),
            provider.GetRequiredService<ConnectionRegistry>(),
            provider.GetRequiredService<RefusalRecorder>(),
            (provider.GetRequiredService<SidecarMetrics>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>())))
        .AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelEndpoints>()
        .RemoveAll<IConnectionListenerFactory>()
        .AddSingleton<DrainableTransport>()
        .AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<DrainableTransport>());

    private static IServiceCollection AddInbound(this IServiceCollection services, SidecarOptions options)
    {
        services.AddSingleton(new AuthorizationState(options.Authorization)).AddSingleton<AuthorizationEnforcement>();
        if (options.Inbound is not { } inbound)
        {
            return services;
        }

        return services
            .AddSingleton(inbound)
            .AddSingleton<ApplicationClient>()
            .AddSingleton<InboundTransformer>()
            .AddSingleton(provider => new InboundPipeline(
                inbound,
                provider.GetRequiredService<AuthorizationEnforcement>(),
                provider.GetRequiredService<InboundTransformer>(),
                provider.GetRequiredService<ApplicationClient>(),
                (provider.GetRequiredService<IHttpForwarder>(), provider.GetRequiredService<TimeProvider>())));
    }

    private static IServiceCollection AddOutbound(this IServiceCollection services, SidecarOptions options)
    {
        var upstreams = new Upstreams(options.Outbound?.Upstreams ?? []);
        services
            .AddSingleton(upstreams)
            .AddSingleton(upstreams.ConfigProvider)
            .AddSingleton<PeerDialer>()
            .AddSingleton(provider => new OutboundPipeline(
                upstreams,
                provider.GetRequiredService<ISvidSource>(),
                options,
                (provider.GetRequiredService<IHttpForwarder>(), provider.GetRequiredService<OpenTelemetrySettings>(), provider.GetRequiredService<TimeProvider>())));
        var authorizes = services.Any(service => service.ServiceType == typeof(IAuthorizationHandlerProvider));
        services.AddReverseProxy();
        if (!authorizes)
        {
            services.WithoutAuthorizationStage();
        }

        services.Replace(ServiceDescriptor.Singleton<ITransformBuilder, OutboundTransformBuilder>());

        // A destination stays out of rotation for the longer of this window and its reactivation period.
        services.Configure<TransportFailureRateHealthPolicyOptions>(health => health.DetectionWindowSize = UpstreamClusters.ReactivationPeriod);
        services.AddSingleton<IForwarderHttpClientFactory, PeerHttpClientFactory>();

        return services.WithoutDataProtectionKeys();
    }

    /// <summary>YARP registers data protection for session affinity, which is off here; at start-up that would write keys below the home directory.</summary>
    private static IServiceCollection WithoutDataProtectionKeys(this IServiceCollection services)
    {
        var keyRing = services.Where(service => service.ServiceType == typeof(IHostedService)
            && service.ImplementationType?.Namespace?.StartsWith("Microsoft.AspNetCore.DataProtection", StringComparison.Ordinal) == true).ToList();
        keyRing.ForEach(service => services.Remove(service));
        return services.AddSingleton<IDataProtectionProvider, EphemeralDataProtectionProvider>();
    }

    /// <summary>
    /// YARP registers ASP.NET's authorization, and a host that finds it puts its stage before ours, where it decides nothing about each request.
    /// YARP itself needs the policies alone, to check its configuration.
    /// </summary>
    private static void WithoutAuthorizationStage(this IServiceCollection services)
        => services.RemoveAll<IAuthorizationHandlerProvider>().RemoveAll<IAuthorizationService>().RemoveAll<IPolicyEvaluator>();

    private static IServiceCollection AddReloading(this IServiceCollection services, SidecarOptions options, ISidecarOptionsSource? source)
    {
        services
            .AddSingleton<IReloadable, TrustReload>()
            .AddSingleton<IReloadable, CrlReload>()
            .AddSingleton<IReloadable, CrlUrlReload>()
            .AddSingleton<IReloadable, OcspReload>()
            .AddSingleton<Reload>()
            .AddHostedService<FileWatching>()
            .AddHostedService(provider => new CrlReview(
                provider.GetRequiredService<CrlStore>(),
                [.. options.Validation.Crl.Files, .. options.Validation.Crl.Urls.Select(url => url.AbsoluteUri)],
                (provider.GetRequiredService<FileTrustBundleSource>(), provider.GetRequiredService<ISvidSource>()),
                provider.GetRequiredService<ICrlObserver>(),
                provider.GetRequiredService<TimeProvider>()));
        return source is null ? services : services.AddSingleton<IReloadable>(provider => new ConfigurationReload(
            source,
            provider.GetRequiredService<SidecarOptions>(),
            provider.GetRequiredService<AuthorizationState>(),
            (provider.GetRequiredService<Upstreams>(), provider.GetRequiredService<TunnelSet>(), provider.GetRequiredService<ConnectionRegistry>()),
            provider.GetRequiredService<ConnectionRevalidation>()));
    }

    private static IServiceCollection AddDraining(this IServiceCollection services, SidecarOptions options) => services
        .AddSingleton<DrainState>()
        .AddSingleton<DrainRequest>()
        .AddSingleton(provider => new Drain(
            provider.GetRequiredService<DrainState>(),
            options.Drain,
            (provider.GetRequiredService<DrainableTransport>(), provider.GetRequiredService<TunnelListeners>()),
            provider.GetRequiredService<ConnectionRegistry>(),
            (provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Drain>>())));

    private static IServiceCollection AddAdmin(this IServiceCollection services, SidecarOptions options, TrustMaterial material) => services
        .AddSingleton<Readiness>()
        .AddSingleton<ProbeEndpoints>()
        .AddSingleton(provider => new StatusReport(
            options,
            (material.Svid, material.Bundles, provider.GetRequiredService<CrlStore>()),
            (provider.GetRequiredService<ConnectionRegistry>(), provider.GetRequiredService<RecentRefusals>()),
            provider.GetRequiredService<Reload>(),
            provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<PeerReport>()
        .AddSingleton<AdminEndpoints>()
        .AddSingleton(provider => new RequestDispatcher(
            provider.GetService<InboundPipeline>(),
            provider.GetRequiredService<OutboundPipeline>(),
            (provider.GetRequiredService<AdminEndpoints>(), provider.GetRequiredService<ProbeEndpoints>()),
            (provider.GetRequiredService<DrainState>(), provider.GetRequiredService<ISvidSource>()),
            provider.GetRequiredService<AccessLog>()));
}
