using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Takes YARP's endpoints without putting them into the host's routing: our pipelines choose the endpoint themselves. Mapped on the
/// application, each request would also pass through matching, authentication and authorization middleware that decide nothing here.
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
        endpoints.MapReverseProxy();
        return endpoints.DataSources.Single();
    }

    /// <inheritdoc/>
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
}
