using System.Net;
using MtlsSidecar.Proxy.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>Says an upstream in YARP's terms.</summary>
internal static class UpstreamClusters
{
    /// <summary>The key under which a cluster's metadata tell whether its connections may stay when the configuration is read again.</summary>
    public const string Revision = "Revision";

    /// <summary>The passive health policy, by YARP's name; <see cref="PassiveHealth"/> reports to it.</summary>
    public static string HealthPolicy => HealthCheckConstants.PassivePolicy.TransportFailureRate;

    /// <summary>How long a destination that failed stays out of rotation.</summary>
    public static TimeSpan ReactivationPeriod { get; } = TimeSpan.FromSeconds(10);

    /// <summary>One route an upstream, of the same name.</summary>
    public static IReadOnlyList<RouteConfig> Routes(IReadOnlyDictionary<string, UpstreamOptions> upstreams)
        => [.. upstreams.Keys.Select(name => new RouteConfig { RouteId = name, ClusterId = name, Match = new RouteMatch { Path = "{**any}" } })];

    /// <summary>One cluster an upstream, of the same name.</summary>
    public static IReadOnlyList<ClusterConfig> Clusters(IReadOnlyDictionary<string, UpstreamOptions> upstreams)
        => [.. upstreams.Select(pair => Cluster(pair.Key, pair.Value))];

    private static ClusterConfig Cluster(string name, UpstreamOptions options) => new()
    {
        ClusterId = name,
        LoadBalancingPolicy = options.LoadBalancing,
        Destinations = options.Destinations.Distinct().ToDictionary(address => address.ToString(), address => new DestinationConfig { Address = address.ToString() }),
        HttpRequest = new ForwarderRequestConfig
        {
            // The exchange's own clock alone decides: YARP knows no time-outs that may be off for a stream.
            ActivityTimeout = Timeout.InfiniteTimeSpan,
            Version = options.Protocol == UpstreamProtocol.Http1 ? HttpVersion.Version11 : HttpVersion.Version20,

            // A peer without HTTP/2, say nginx as it is often set up, still answers: ALPN settles it.
            VersionPolicy = options.Protocol == UpstreamProtocol.Http1 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        },
        HealthCheck = new HealthCheckConfig
        {
            // With a single destination there is nothing to choose: taking it out would turn its few failures into many.
            AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyAndUnknown,
            Passive = new PassiveHealthCheckConfig
            {
                Enabled = options.Destinations.Count > 1,
                Policy = HealthPolicy,
                ReactivationPeriod = ReactivationPeriod,
            },
        },
        Metadata = new Dictionary<string, string>
        {
            [Revision] = string.Join(
                '\n', [.. options.Destinations.Select(address => address.ToString()), "", .. options.PeerIdentities.Select(pattern => pattern.ToString()), "", options.ConnectionLifetime.ToString()]),
        },
    };
}
