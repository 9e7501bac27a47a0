using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Forwarding;
using MtlsSidecar.Proxy.Telemetry;
using MtlsSidecar.Trust.Validation;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The pooled connections to one destination. <c>HttpClient</c> offers no way to close one of them, so closing means retiring the whole
/// handler: new requests dial anew, requests in flight finish on the old one.
/// </summary>
internal sealed class DestinationPool : IForwardingDestination, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private readonly string _upstream;
    private readonly EndpointAddress _destination;
    private readonly Func<PeerExpectation> _expectation;
    private readonly (PeerDialer Dialer, OpenTelemetrySettings Telemetry) _services;
    private readonly TimeSpan _connectionLifetime;
    private HttpMessageInvoker _current;
    private volatile string? _peer;
    private long _unreachableUntil;

    /// <param name="upstream">The upstream's name.</param>
    /// <param name="options">Its options, now and as they are at any later moment.</param>
    /// <param name="destination">Where to dial.</param>
    /// <param name="services">What makes and admits connections, and whether requests are traced.</param>
    public DestinationPool(string upstream, Func<UpstreamOptions> options, EndpointAddress destination, (PeerDialer Dialer, OpenTelemetrySettings Telemetry) services)
    {
        (_upstream, _destination, _services, Address) = (upstream, destination, services, destination.ToString());
        (_expectation, _connectionLifetime) = (() => PeerDialer.Expect(options().PeerIdentities, destination.Host), options().ConnectionLifetime);
        _current = CreateInvoker();
    }

    /// <summary>A destination as the registry shows it.</summary>
    public static string RemoteOf(EndpointAddress destination) => $"{destination.Host}:{destination.Port}";

    /// <inheritdoc/>
    public string Address { get; }

    /// <summary>
    /// The peer that was validated last. <c>HttpClient</c> doesn't say which of its connections carried a request: where one name leads to
    /// workloads of several identities, it may have been another of those that <c>PeerIdentities</c> admit, never one that was refused.
    /// </summary>
    public string? Peer => _peer;

    /// <summary>Whether no connection came about a moment ago; then the others are tried first.</summary>
    public bool IsUnreachable => _services.Dialer.TimeProvider.GetUtcNow().UtcTicks < Volatile.Read(ref _unreachableUntil);

    /// <summary>Takes note that no connection came about.</summary>
    public void NoteUnreachable()
        => Volatile.Write(ref _unreachableUntil, (_services.Dialer.TimeProvider.GetUtcNow() + UpstreamClusters.ReactivationPeriod).UtcTicks);

    /// <summary>Sends a request on a pooled or a new connection.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (ExchangeHandler.ExchangeOf(request) is { } exchange)
        {
            exchange.Destination = this;
        }

        return Volatile.Read(ref _current).SendAsync(request, cancellationToken);
    }

    /// <summary>Lets no new request use the connections of now.</summary>
    public void Retire()
    {
        var retired = Interlocked.Exchange(ref _current, CreateInvoker());
        _ = DisposeLaterAsync(retired);
    }

    /// <inheritdoc/>
    public void Dispose() => _current.Dispose();

    /// <summary>A request may have taken the old handler just before the exchange and still be connecting: disposing at once would fail it.</summary>
    private static async Task DisposeLaterAsync(HttpMessageInvoker retired)
    {
        await Task.Delay(ConnectTimeout * 2);
        retired.Dispose();
    }

    /// <summary>Never dials without a certificate of our own: a destination that doesn't ask for one would be called by nobody in particular.</summary>
    private HttpMessageInvoker CreateInvoker()
        => new(_services.Dialer.OwnIdentity is null ? new NoIdentityHandler() : CreateHandler());

    private SocketsHttpHandler CreateHandler()
    {
        var handler = ForwardingHandler.Create(ConnectTimeout, _services.Telemetry);
        handler.PooledConnectionLifetime = _connectionLifetime;
        handler.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        handler.KeepAlivePingTimeout = TimeSpan.FromSeconds(10);
        handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests;
        handler.ConnectCallback = ConnectAsync;
        handler.PlaintextStreamFilter = AdmitAsync;
        return handler;
    }

    /// <summary>
    /// As <c>HttpClient</c> would, which takes a connection that comes with TLS as it is, but doesn't tell how long a handshake took or that one
    /// failed.
    /// </summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var options = _services.Dialer.CreateTlsOptions(_destination.Host) ?? throw new AuthenticationException("there is no own certificate any more");
        options.ApplicationProtocols = ProtocolsFor(context.InitialRequestMessage);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? tls = null;
        try
        {
            // Its own destination, whatever the request's address says: while a reload takes effect that may be the one before.
            await socket.ConnectAsync(_destination.Host, _destination.Port, cancellationToken);
            tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await _services.Dialer.HandshakeAsync(tls, options, cancellationToken);
            return tls;
        }
        catch
        {
            tls?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static List<SslApplicationProtocol>? ProtocolsFor(HttpRequestMessage request) => request switch
    {
        { Version.Major: < 2 } => null,
        { VersionPolicy: HttpVersionPolicy.RequestVersionOrLower } => [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        _ => [SslApplicationProtocol.Http2],
    };

    private async ValueTask<Stream> AdmitAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken)
    {
        var connection = await _services.Dialer.AdmitAsync(
            (SslStream)context.PlaintextStream,
            new DialledPeer(_upstream, RemoteOf(_destination), _expectation),
            Retire,
            cancellationToken);
        _peer = connection.Peer;
        return connection;
    }
}
