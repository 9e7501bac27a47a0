using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>An HTTP server of CRLs. A path that was given no content is answered with 404.</summary>
public sealed class CrlServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, byte[]> _contents = new();
    private readonly WebApplication _host;
    private int _requests;

    private CrlServer(WebApplication host)
    {
        _host = host;
    }

    public string Address { get; private set; } = "";

    /// <summary>Requests so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static async Task<CrlServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new CrlServer(builder.Build());
        server._host.Run(server.AnswerAsync);
        await server._host.StartAsync();
        server.Address = server._host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    /// <summary>Serves these bytes and returns their URL.</summary>
    public string Serve(string name, byte[] content)
    {
        _contents[$"/{name}"] = content;
        return $"{Address}/{name}";
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(new CancellationToken(canceled: true));
        await _host.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        if (!_contents.TryGetValue(context.Request.Path, out var content))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "application/pkix-crl";
        await context.Response.Body.WriteAsync(content);
    }
}
