using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Http;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Opens the listeners of the configuration and nothing else. The first stage of every connection marks it with its listener, and that mark
/// alone decides which pipeline it gets.
/// </summary>
internal sealed class KestrelEndpoints(IServiceProvider services, SidecarOptions options, ListenerDirectory directory, InboundStages inbound)
    : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>A probe is one question that is answered from memory.</summary>
    private static readonly TimeSpan MaxProbeAge = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.ApplicationServices = services;
        kestrel.AddServerHeader = false;
        kestrel.RequestHeaderEncodingSelector = HeaderEncodings.ForKestrelRequests;
        kestrel.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;

        // Cleartext HTTP/2 clients say http, peers say https: the listener, not the request, knows which it is.
        kestrel.AllowAlternateSchemes = true;

        // RFC 9112 §3.2.2: the host of an absolute-form target replaces the Host header, which some clients of a proxy set otherwise.
        kestrel.AllowHostHeaderOverride = true;
        SetLimits(kestrel.Limits);

        if (options.Inbound is { } inboundOptions)
        {
            ListenInbound(kestrel, inboundOptions);
        }

        if (options.Outbound is { } outbound)
        {
            ListenCleartext(kestrel, new SidecarListener(ListenerRole.Outbound, "Outbound", outbound.Listen));
            foreach (var (name, upstream) in outbound.Upstreams.Where(pair => pair.Value.Listen is not null))
            {
                ListenCleartext(kestrel, new SidecarListener(ListenerRole.Outbound, $"Outbound:{name}", upstream.Listen!, name));
            }
        }

        ListenForOperators(kestrel, new SidecarListener(ListenerRole.Admin, "Admin", options.Admin.Listen), maxAge: null);
        ListenForOperators(kestrel, new SidecarListener(ListenerRole.Probes, "Probes", options.Admin.Probes), MaxProbeAge);
    }

    /// <summary>Streams of any size and pace pass; what bounds an exchange is its own clock, and what bounds a peer are connections and streams.</summary>
    private void SetLimits(KestrelServerLimits limits)
    {
        limits.MaxRequestBodySize = null;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;

        // Kestrel knows no limits of a listener: this one also holds for the local application.
        limits.Http2.MaxStreamsPerConnection = options.Inbound?.MaxStreamsPerConnection ?? new InboundOptions { Listen = null!, Application = null! }.MaxStreamsPerConnection;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
    }

    private void ListenInbound(KestrelServerOptions kestrel, InboundOptions inboundOptions)
    {
        var listener = new SidecarListener(ListenerRole.Inbound, "Inbound", inboundOptions.Listen);
        Listen(kestrel, listener, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1AndHttp2;
            var (observer, admission) = inbound.ForHttp(listener, inboundOptions);
            endpoint.Use(next => connection => observer.OnConnectionAsync(connection, next));
            endpoint.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = inboundOptions.HandshakeTimeout,
                OnConnection = inbound.Tls([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]).CreateOptionsAsync,
            });
            endpoint.Use(next => connection => admission.OnConnectionAsync(connection, next));
        });
    }

    private void ListenForOperators(KestrelServerOptions kestrel, SidecarListener listener, TimeSpan? maxAge)
    {
        var connections = new OperatorConnections(
            listener.Name,
            maxAge,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>().CreateLogger<OperatorConnections>());
        Listen(kestrel, listener, endpoint =>
        {
            endpoint.Protocols = HttpProtocols.Http1;
            endpoint.Use(next => connection => connections.OnConnectionAsync(connection, next));
        });
    }

    private void ListenCleartext(KestrelServerOptions kestrel, SidecarListener listener) => Listen(kestrel, listener, endpoint =>
    {
        endpoint.Protocols = HttpProtocols.Http1AndHttp2;
        endpoint.Use(next => connection => CleartextProtocolDetection.OnConnectionAsync(connection, next));
    });

    private void Listen(KestrelServerOptions kestrel, SidecarListener listener, Action<ListenOptions> configure)
    {
        var endpoint = ListenEndPoint.Of(listener.Address);
        directory.Add(endpoint, listener);
        kestrel.Listen(endpoint, listen =>
        {
            listen.Use(next => connection =>
            {
                connection.Features.Set(listener);
                return next(connection);
            });
            configure(listen);
        });
    }
}
