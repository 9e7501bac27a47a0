using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Health;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Takes YARP's endpoints without putting them into the host's routing: our pipelines choose the endpoint themselves. Mapped on the
/// application, each request would also pass through matching, which decides nothing here. Of YARP's own stages session affinity is left out, and
/// <see cref="PassiveHealth"/> takes the place of the one of that name.
/// </summary>
internal sealed class ForwardingEndpoints(IServiceProvider services) : IEndpointRouteBuilder
{
    /// <inheritdoc/>
    public IServiceProvider ServiceProvider => services;

    /// <inheritdoc/>
    public ICollection<EndpointDataSource> DataSources { get; } = [];

    /// <summary>YARP's endpoints, one an upstream.</summary>
    public static EndpointDataSource Create(IServiceProvider services)
    {
        var endpoints = new ForwardingEndpoints(services);
        var health = new PassiveHealth(services.GetServices<IPassiveHealthCheckPolicy>().Single(policy => policy.Name == UpstreamClusters.HealthPolicy));
        endpoints.MapReverseProxy(proxy =>
        {
            proxy.UseLoadBalancing();
            proxy.Use(health.InvokeAsync);
        });
        return endpoints.DataSources.Single();
    }

    /// <inheritdoc/>
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
}
