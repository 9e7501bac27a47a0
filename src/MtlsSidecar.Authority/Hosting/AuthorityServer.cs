using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using MtlsSidecar.Authority.Commands;
using MtlsSidecar.Authority.Enrolment;
using MtlsSidecar.Authority.Revocation;
using MtlsSidecar.Authority.Revocation.Ocsp;
using MtlsSidecar.Authority.Telemetry;
using MtlsSidecar.Authority.Validation;

namespace MtlsSidecar.Authority.Hosting;

/// <summary>Puts the server together, runs it until SIGTERM and drains it.</summary>
internal static partial class AuthorityServer
{
    /// <summary>Runs the server.</summary>
    /// <returns>Whether everything in flight was finished.</returns>
    /// <exception cref="IOException">A listener can't be opened.</exception>
    public static async Task<bool> RunAsync(OpenedAuthority authority, ServeOptions options, Action<ILoggingBuilder> addLogging)
    {
        await using var app = Build(authority, options, addLogging);

        // Whatever is missing or due is made now: no listener opens before it could keep what it promises.
        await app.Services.GetRequiredService<Maintenance>().RunAtStartAsync();
        Observe(app.Services, authority);
        app.Run(app.Services.GetRequiredService<RequestDispatcher>().InvokeAsync);

        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);

        // There is nothing to reload; a terminal that closes must not end the server all the same.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, static context => context.Cancel = true);
        await app.StartAsync();
        Log.Started(app.Logger, options.Listen, options.Publish, options.Admin);
        await terminated.Task;
        return await DrainAsync(app, options);

        void Signal(PosixSignalContext context)
        {
            context.Cancel = true;
            terminated.TrySetResult();
        }
    }

    /// <summary>Puts the server together and starts nothing.</summary>
    public static WebApplication Build(OpenedAuthority authority, ServeOptions options, Action<ILoggingBuilder> addLogging)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        addLogging(builder.Logging);
        builder.WebHost.UseKestrelCore();
        AddServices(builder.Services, authority, options);

        // How long requests in flight have says --grace-period alone: the host would cut them after 30 seconds.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder.Build();
    }

    /// <summary>Unready → delay, still serving → no new connections → what is in flight finishes → (grace period) cut.</summary>
    private static async Task<bool> DrainAsync(WebApplication app, ServeOptions options)
    {
        var state = app.Services.GetRequiredService<ServerState>();
        state.IsDraining = true;
        Log.Draining(app.Logger, options.DrainDelay, options.GracePeriod);
        await Task.Delay(options.DrainDelay);
        using var cut = new CancellationTokenSource();
        var stopping = app.StopAsync(cut.Token);
        await Task.WhenAny(stopping, Task.Delay(options.GracePeriod));

        // Counted before they are cut: afterwards none is in flight any more, and the exit code would tell of a drain that went well.
        var left = stopping.IsCompleted ? 0 : state.InFlight;
        await cut.CancelAsync();
        await stopping;
        Log.Drained(app.Logger, left);
        return left == 0;
    }

    private static void AddServices(IServiceCollection services, OpenedAuthority authority, ServeOptions options) => services
        .AddSingleton(authority.TimeProvider)
        .AddSingleton(authority.Data)
        .AddSingleton(authority.Store)
        .AddSingleton(authority.Keys)
        .AddSingleton(authority.Issuers)
        .AddSingleton(authority.Issuance)
        .AddSingleton(authority.Crls)
        .AddSingleton(options)
        .AddSingleton(provider => new AuditLog(authority.AuditLogger, provider.GetRequiredService<ILoggerFactory>().CreateLogger(AuditLog.Category)))
        .AddSingleton<AuthorityMetrics>()
        .AddSingleton<MetricsText>()
        .AddSingleton<ServerState>()
        .AddSingleton<ServerIdentity>()
        .AddSingleton<Readiness>()
        .AddSingleton<ChainValidation>()
        .AddSingleton<CallerAuthentication>()
        .AddSingleton<ValidationEndpoint>()
        .AddSingleton<Enroller>()
        .AddSingleton<EstEndpoints>()
        .AddSingleton<OcspSigners>()
        .AddSingleton<OcspResponder>()
        .AddSingleton<OcspEndpoint>()
        .AddSingleton<PublicationEndpoints>()
        .AddSingleton<AdminEndpoints>()
        .AddSingleton(new CallerRateLimit(options.RateLimit))
        .AddSingleton(new CallerConnectionLimit(options.ConnectionLimit))
        .AddSingleton<IConfigureOptions<KestrelServerOptions>, KestrelEndpoints>()
        .AddSingleton(CreateMaintenance)
        .AddHostedService(provider => provider.GetRequiredService<Maintenance>())
        .AddSingleton(CreateDispatcher);

    private static Maintenance CreateMaintenance(IServiceProvider services) => new(
        (services.GetRequiredService<Storage.IAuthorityStore>(),
            services.GetRequiredService<Issuing.IssuerDirectory>(),
            services.GetRequiredService<Issuing.KeyRing>(),
            services.GetRequiredService<CrlPublisher>()),
        (services.GetRequiredService<ServerIdentity>(), services.GetRequiredService<OcspSigners>(), services.GetRequiredService<OcspResponder>()),
        (services.GetRequiredService<AuditLog>(), services.GetRequiredService<AuthorityMetrics>()),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILogger<Maintenance>>());

    private static RequestDispatcher CreateDispatcher(IServiceProvider services) => new(
        (services.GetRequiredService<EstEndpoints>(), services.GetRequiredService<ValidationEndpoint>()),
        (services.GetRequiredService<PublicationEndpoints>(), services.GetRequiredService<OcspEndpoint>()),
        services.GetRequiredService<AdminEndpoints>(),
        (services.GetRequiredService<CallerRateLimit>(), services.GetRequiredService<ServerState>(), services.GetRequiredService<AuthorityMetrics>()),
        services.GetRequiredService<ILogger<RequestDispatcher>>());

    private static void Observe(IServiceProvider services, OpenedAuthority authority)
    {
        services.GetRequiredService<MetricsText>();
        var metrics = services.GetRequiredService<AuthorityMetrics>();
        metrics.ObserveIssuers(() => authority.Issuers.Current.All);
        metrics.ObserveCrls(() => authority.Issuers.Current.All.Select(issuer => authority.Store.ReadPublishedCrl(issuer.Name)).OfType<Storage.CrlRecord>());
    }

    private static partial class Log
    {
        [LoggerMessage(8204, LogLevel.Information, "Started: enrolment on {Listen}, publication on {Publish}, probes on {Admin}", EventName = nameof(Started))]
        public static partial void Started(ILogger logger, System.Net.IPEndPoint listen, System.Net.IPEndPoint publish, System.Net.IPEndPoint admin);

        [LoggerMessage(8205, LogLevel.Information, "Draining: serving on for {Delay}, then at most {GracePeriod} for work in flight", EventName = nameof(Draining))]
        public static partial void Draining(ILogger logger, TimeSpan delay, TimeSpan gracePeriod);

        [LoggerMessage(8206, LogLevel.Information, "Drained; {Left} requests are cut", EventName = nameof(Drained))]
        public static partial void Drained(ILogger logger, int left);
    }
}
