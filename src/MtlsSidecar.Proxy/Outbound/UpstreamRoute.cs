using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>The way to an upstream, as YARP has set it up.</summary>
/// <param name="Endpoint">YARP's endpoint.</param>
/// <param name="Forward">YARP's stages: load balancing, passive health, forwarding.</param>
/// <param name="Cluster">The upstream's destinations and the client for them, as they are at any moment.</param>
internal sealed record UpstreamRoute(Endpoint Endpoint, RequestDelegate Forward, ClusterState Cluster);
