using System.Net.Security;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
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

        Listen(kestrel, new SidecarListener(ListenerRole.Admin, "Admin", options.Admin.Listen), SpeakHttp1);
        Listen(kestrel, new SidecarListener(ListenerRole.Probes, "Probes", options.Admin.Probes), SpeakHttp1);

        static void SpeakHttp1(ListenOptions endpoint) => endpoint.Protocols = HttpProtocols.Http1;
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
            var observer = inbound.Observe(listener, inboundOptions);
            var admission = inbound.Admit(listener, inboundOptions);
            endpoint.Use(next => connection => observer.OnConnectionAsync(connection, next));
            endpoint.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = inboundOptions.HandshakeTimeout,
                OnConnection = inbound.Tls([SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]).CreateOptionsAsync,
            });
            endpoint.Use(next => connection => admission.OnConnectionAsync(connection, next));
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
