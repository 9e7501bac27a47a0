using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MtlsSidecar.Proxy.Listeners;

/// <summary>
/// Kestrel's socket transport with listeners that can be unbound one by one. Kestrel itself only stops all of them together, but a drain
/// must stop peers from connecting while the local application can still call out.
/// </summary>
internal sealed partial class DrainableTransport(
    IOptions<SocketTransportOptions> options, ILoggerFactory loggerFactory, ListenerDirectory directory) : IConnectionListenerFactory
{
    private readonly SocketTransportFactory _sockets = new(options, loggerFactory);
    private readonly ILogger _logger = loggerFactory.CreateLogger<DrainableTransport>();
    private readonly ConcurrentDictionary<SidecarListener, IConnectionListener> _bound = new();

    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = directory.Find(endpoint);
        IConnectionListener inner;
        try
        {
            inner = await _sockets.BindAsync(endpoint, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or AddressInUseException or IOException or UnauthorizedAccessException)
        {
            throw new ListenException(listener, exception);
        }

        directory.Bound(listener, inner.EndPoint);
        _bound[listener] = inner;
        Log.ListenerBound(_logger, listener.Name, Describe(listener, inner.EndPoint));
        return inner;
    }

    /// <summary>Stops accepting on the listeners of a role. Connections already accepted go on.</summary>
    public async Task UnbindAsync(ListenerRole role)
    {
        foreach (var (listener, bound) in _bound.Where(pair => pair.Key.Role == role))
        {
            await bound.UnbindAsync();
            Log.ListenerUnbound(_logger, listener.Name);
        }
    }

    private static string Describe(SidecarListener listener, EndPoint endpoint) => endpoint is IPEndPoint
        ? $"{listener.Address.Scheme.ToString().ToLowerInvariant()}://{endpoint}"
        : listener.Address.ToString();

    private static partial class Log
    {
        [LoggerMessage(1001, LogLevel.Information, "Listening on {Address} for {Listener}", EventName = nameof(ListenerBound))]
        public static partial void ListenerBound(ILogger logger, string listener, string address);

        [LoggerMessage(1002, LogLevel.Information, "Stopped accepting for {Listener}", EventName = nameof(ListenerUnbound))]
        public static partial void ListenerUnbound(ILogger logger, string listener);
    }
}
