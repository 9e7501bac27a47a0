using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MtlsSidecar.Proxy.Forwarding;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Takes YARP's endpoints without putting them into the host's routing: our pipelines choose the endpoint themselves. Mapped on the
/// application, each request would also pass through matching, authentication and authorization middleware that decide nothing here. Of YARP's
/// own stages session affinity is left out.
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
        endpoints.MapReverseProxy(static proxy =>
        {
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
            proxy.Use(NameDestinationUsed);
        });
        return endpoints.DataSources.Single();
    }

    /// <summary>
    /// After a failover, tells passive health to whose account the outcome goes: it would credit the destination that load balancing chose
    /// with the answer of another. When none could be reached, it stays with the chosen one: each gets its turn.
    /// </summary>
    private static Task NameDestinationUsed(HttpContext context, RequestDelegate next)
    {
        var proxy = context.GetReverseProxyFeature();
        return proxy.AllDestinations.Count == 1 ? next(context) : NameAfterAsync();

        async Task NameAfterAsync()
        {
            await next(context);
            var used = Exchange.Of(context)?.Destination?.Address;
            if (used is not null && used != proxy.ProxiedDestination?.DestinationId && !ForwardingFailures.IsUnreachable(context.GetForwarderErrorFeature()?.Exception))
            {
                proxy.ProxiedDestination = proxy.AllDestinations.FirstOrDefault(destination => destination.DestinationId == used) ?? proxy.ProxiedDestination;
            }
        }
    }

    /// <inheritdoc/>
    public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
}
