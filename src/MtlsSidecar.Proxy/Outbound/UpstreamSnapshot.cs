using System.Collections.Frozen;
using MtlsSidecar.Proxy.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>All upstreams of one configuration, ready to be put in force.</summary>
/// <param name="Options">Their options by name.</param>
/// <param name="Routes">YARP's routes to them.</param>
/// <param name="Clusters">YARP's clusters.</param>
internal sealed record UpstreamSnapshot(
    FrozenDictionary<string, UpstreamOptions> Options, IReadOnlyList<RouteConfig> Routes, IReadOnlyList<ClusterConfig> Clusters);
