using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Applications;

/// <summary>
/// The local application behind a sidecar: plain HTTP/1.1 or cleartext HTTP/2, in the test's own process so that a test sees
/// every connection, byte and request that arrives and decides itself when an answer goes on. See <see cref="ApplicationEndpoints"/>
/// for what it serves.
/// </summary>
public sealed class HttpApplication : IAsyncDisposable
{
    private readonly WebApplication _host;
    private readonly ConcurrentQueue<SeenRequest> _requests = new();
    private int _connections;
    private int _liveConnections;
    private long _bytesReceived;

    private HttpApplication(WebApplication host)
    {
        _host = host;
        Endpoints = new ApplicationEndpoints();
    }

    public ApplicationEndpoints Endpoints { get; }

    /// <summary>Where it listens, for <c>Inbound:Application</c>.</summary>
    public string Address { get; private set; } = "";

    public int Port => new Uri(Address).Port;

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections open now.</summary>
    public int LiveConnections => Volatile.Read(ref _liveConnections);

    /// <summary>Bytes received so far, counted before they are parsed: 0 proves that nothing came through.</summary>
    public long BytesReceived => Interlocked.Read(ref _bytesReceived);

    /// <summary>Requests whose headers arrived, in order.</summary>
    public IReadOnlyCollection<SeenRequest> Requests => _requests;

    /// <summary>Starts an application on a port of the system's choice, or on the given one.</summary>
    public static Task<HttpApplication> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, int port = 0) =>
        StartAsync((kestrel, count) => kestrel.Listen(IPAddress.Loopback, port, count), protocols, address: null);

    /// <summary>Starts an application on a Unix socket.</summary>
    public static Task<HttpApplication> StartOnSocketAsync(string path, HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync((kestrel, count) => kestrel.ListenUnixSocket(path, count), protocols, $"unix://{path}");

    /// <summary>
    /// Starts a peer instead of a local application: TLS with this certificate, any client certificate demanded. Bytes are counted behind TLS.
    /// </summary>
    public static Task<HttpApplication> StartPeerAsync(WorkloadFiles identity, HttpProtocols protocols = HttpProtocols.Http1AndHttp2, int port = 0, IPAddress? on = null) => StartAsync(
        (kestrel, count) => kestrel.Listen(on ?? IPAddress.Loopback, port, endpoint =>
        {
            endpoint.UseHttps(https =>
            {
                https.ServerCertificate = identity.Certificate.WithKey();
                https.ServerCertificateChain = [.. identity.Certificate.Intermediates];
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.AllowAnyClientCertificate();
            });
            count(endpoint);
        }),
        protocols,
        address: null);

    public async ValueTask DisposeAsync()
    {
        Endpoints.Release();
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _host.StopAsync(now.Token);
        await _host.DisposeAsync();
    }

    private static async Task<HttpApplication> StartAsync(
        Action<KestrelServerOptions, Action<ListenOptions>> listen, HttpProtocols protocols, string? address)
    {
        HttpApplication? application = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = protocols);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestHeadersTotalSize = 256 * 1024;
            kestrel.AddServerHeader = false;
            listen(kestrel, endpoint => endpoint.Use(next => connection => application!.CountAsync(connection, next)));
        });

        application = new HttpApplication(builder.Build());
        application._host.UseWebSockets();
        application._host.Run(application.AnswerAsync);
        await application._host.StartAsync();
        application.Address = address ?? application._host.Services.GetRequiredService<IServer>()
            .Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return application;
    }

    private async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _liveConnections);
        connection.Transport = new CountedTransport(connection.Transport, read => Interlocked.Add(ref _bytesReceived, read));
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _liveConnections);
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        _requests.Enqueue(new SeenRequest(
            context.Request.Method, target, context.Request.Protocol, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToArray()!)!));
        return Endpoints.AnswerAsync(context, target);
    }
}
