using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms.Builder;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Gives every route of YARP our transformer. YARP's own builder makes a list of transforms, each with a context of its own, of what is one
/// step here; and it takes a Host that equals the caller's away again after all of them.
/// </summary>
internal sealed class OutboundTransformBuilder : ITransformBuilder
{
    /// <inheritdoc/>
    public IReadOnlyList<Exception> ValidateRoute(RouteConfig route) => [];

    /// <inheritdoc/>
    public IReadOnlyList<Exception> ValidateCluster(ClusterConfig cluster) => [];

    /// <inheritdoc/>
    public HttpTransformer Build(RouteConfig route, ClusterConfig? cluster) => OutboundTransformer.Instance;

    /// <inheritdoc/>
    public HttpTransformer Create(Action<TransformBuilderContext> action) => throw new NotSupportedException("Transforms are not configurable.");
}
