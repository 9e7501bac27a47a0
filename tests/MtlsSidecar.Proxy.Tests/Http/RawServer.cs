using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Tests.Http;

/// <summary>
/// A real Kestrel with one piece of the pipeline in front of a terminal handler, spoken to in raw bytes: what Kestrel lets through is
/// its own decision and can't be had from a made-up context.
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RawServer(WebApplication application) => _application = application;

    public static Task<RawServer> StartAsync(HttpProtocols protocols, Func<RequestDelegate, RequestDelegate> middleware, RequestDelegate terminal)
        => StartAsync(protocols, _ => { }, application =>
        {
            application.Use(middleware);
            application.Run(terminal);
        });

    public static async Task<RawServer> StartAsync(HttpProtocols protocols, Action<IServiceCollection> addServices, Action<WebApplication> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.RequestHeaderEncodingSelector = HeaderEncodings.ForKestrelRequests;
            options.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            options.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        addServices(builder.Services);
        var application = builder.Build();
        configure(application);
        await application.StartAsync();
        return new RawServer(application);
    }

    /// <summary>Sends the bytes and reads until the server closes or, when it keeps the connection, until the answer is there.</summary>
    public async Task<(string Answer, bool Closed)> SendAsync(byte[] bytes, Func<string, bool> isComplete)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPEndPoint.Parse(Address.Authority));
        var stream = client.GetStream();
        await stream.WriteAsync(bytes);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!isComplete(answer.ToString()))
        {
            var count = await stream.ReadAsync(buffer, deadline.Token);
            if (count == 0)
            {
                return (answer.ToString(), true);
            }

            answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return (answer.ToString(), false);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private Uri Address => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}
