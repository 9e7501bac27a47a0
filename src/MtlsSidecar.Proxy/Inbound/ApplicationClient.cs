using System.Net;
using System.Net.Sockets;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Telemetry;
using Yarp.ReverseProxy.Forwarder;

namespace MtlsSidecar.Proxy.Inbound;

/// <summary>The pooled plain connections to the local application, over TCP loopback or a Unix socket.</summary>
internal sealed class ApplicationClient : IDisposable
{
    /// <summary>An application that takes longer to accept a local connection is down.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <param name="options">Where the application listens and what it speaks.</param>
    /// <param name="telemetry">Whether requests are traced.</param>
    public ApplicationClient(InboundOptions options, OpenTelemetrySettings telemetry)
    {
        var handler = ForwardingHandler.Create(ConnectTimeout, telemetry);
        if (options.Application.UnixPath is { } path)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        }

        Invoker = new HttpMessageInvoker(new ExchangeHandler(handler));
        DestinationPrefix = options.Application.UnixPath is null ? options.Application.ToString() : "http://application";
        RequestConfig = new ForwarderRequestConfig
        {
            // The exchange's own clock alone decides.
            ActivityTimeout = Timeout.InfiniteTimeSpan,
            Version = options.ApplicationProtocol == ApplicationProtocol.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>Sends requests to the application.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary>Scheme and authority under which YARP addresses the application.</summary>
    public string DestinationPrefix { get; }

    /// <summary>What YARP speaks to it.</summary>
    public ForwarderRequestConfig RequestConfig { get; }

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
