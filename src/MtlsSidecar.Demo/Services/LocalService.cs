using System.Net;

namespace MtlsSidecar.Demo.Services;

/// <summary>An example service: plain HTTP on a free port of loopback. It knows nothing of TLS and counts what reaches it.</summary>
internal sealed class LocalService : IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(1);
    private readonly WebApplication _app;
    private int _requestsSeen;

    private LocalService(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>How many requests have reached it.</summary>
    public int RequestsSeen => Volatile.Read(ref _requestsSeen);

    /// <summary>Starts a service with these endpoints.</summary>
    public static async Task<LocalService> StartAsync(Action<IEndpointRouteBuilder> map, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();

        var service = new LocalService(builder.Build());
        service._app.Use((context, next) =>
        {
            Interlocked.Increment(ref service._requestsSeen);
            return next(context);
        });
        map(service._app);
        await service._app.StartAsync(cancellationToken);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }
}
