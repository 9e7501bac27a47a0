using System.Collections.Concurrent;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Connections;
using MtlsSidecar.Proxy.Telemetry;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// The upstreams of this moment. Each is a YARP cluster with a route of the same name; the route's endpoint is looked up by name here, since
/// which upstream a request goes to is decided by our pipeline and not by YARP's matching.
/// </summary>
internal sealed class Upstreams
{
    private readonly InMemoryConfigProvider _yarp;
    private readonly ConcurrentDictionary<string, UpstreamHandler> _handlers = new(StringComparer.OrdinalIgnoreCase);
    private volatile FrozenDictionary<string, UpstreamOptions> _options;
    private volatile FrozenDictionary<string, UpstreamRoute> _routes = FrozenDictionary<string, UpstreamRoute>.Empty;

    /// <param name="options">The upstreams by name.</param>
    public Upstreams(IReadOnlyDictionary<string, UpstreamOptions> options)
    {
        (_options, var routes, var clusters) = Prepare(options);
        _yarp = new InMemoryConfigProvider(routes, clusters);
    }

    /// <summary>YARP's view of the upstreams.</summary>
    public IProxyConfigProvider ConfigProvider => _yarp;

    /// <summary>Follows the endpoints that YARP builds, through all reloads.</summary>
    public void Follow(EndpointDataSource endpoints)
    {
        ChangeToken.OnChange(endpoints.GetChangeToken, () => Take(endpoints));
        Take(endpoints);
    }

    /// <summary>An upstream's options by its name.</summary>
    public UpstreamOptions? Find(string name) => _options.GetValueOrDefault(name);

    /// <summary>The way to an upstream by its name.</summary>
    public UpstreamRoute? FindRoute(string name) => _routes.GetValueOrDefault(name);

    /// <summary>Makes the handler of an upstream; YARP asks for it whenever the upstream has changed.</summary>
    public UpstreamHandler CreateHandler(string name, (PeerDialer Dialer, OpenTelemetrySettings Telemetry) services)
    {
        // A destination that is gone keeps the expectation that it had.
        var (options, own) = (_options[name], services.Dialer.OwnIdentity);
        var handler = new UpstreamHandler(name, () => Find(name) ?? options, services);
        _handlers.TryGetValue(name, out var replaced);
        _handlers[name] = handler;
        replaced?.RetireAll();

        // A rotation between the making of its pools and their being found here could not retire them.
        if (!ReferenceEquals(own, services.Dialer.OwnIdentity))
        {
            handler.RetireAll();
        }

        return handler;
    }

    /// <summary>Makes upstreams ready to be taken over.</summary>
    public static UpstreamSnapshot Prepare(IReadOnlyDictionary<string, UpstreamOptions> options)
    {
        var frozen = options.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        return new UpstreamSnapshot(frozen, UpstreamClusters.Routes(frozen), UpstreamClusters.Clusters(frozen));
    }

    /// <summary>Replaces the upstreams after a reload. YARP follows in the background, within milliseconds.</summary>
    public void Update(UpstreamSnapshot next)
    {
        _options = next.Options;
        _yarp.Update(next.Routes, next.Clusters);
    }

    /// <summary>
    /// Tells open connections what is expected of their peers after an update, so that the next review closes those of a peer that is no
    /// longer one of the upstream's. Connections of a destination that is gone just end when idle.
    /// </summary>
    public void RenewExpectations(IEnumerable<LiveConnection> connections)
    {
        foreach (var connection in connections.Where(connection => connection is { Direction: ConnectionDirection.Outbound, IsTunnel: false }))
        {
            var upstream = Find(connection.Listener);
            if (upstream?.Destinations.Find(destination => DestinationPool.RemoteOf(destination) == connection.Remote) is { } kept)
            {
                connection.Expect(PeerDialer.Expect(upstream.PeerIdentities, kept.Host));
            }
        }
    }

    /// <summary>Retires all pooled connections after our own certificate was rotated.</summary>
    public void RetireConnections()
    {
        foreach (var handler in _handlers.Values)
        {
            handler.RetireAll();
        }
    }

    private void Take(EndpointDataSource source)
        => _routes = source.Endpoints
            .Select(endpoint => endpoint is { RequestDelegate: { } forward } && endpoint.Metadata.GetMetadata<RouteModel>() is { Cluster: { } cluster }
                ? new UpstreamRoute(endpoint, forward, cluster)
                : null)
            .OfType<UpstreamRoute>()
            .ToFrozenDictionary(route => route.Cluster.ClusterId, StringComparer.OrdinalIgnoreCase);
}
