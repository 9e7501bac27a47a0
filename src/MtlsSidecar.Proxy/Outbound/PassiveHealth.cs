using Microsoft.AspNetCore.Http;
using MtlsSidecar.Proxy.Forwarding;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace MtlsSidecar.Proxy.Outbound;

/// <summary>
/// Tells YARP's passive health how each request of an upstream with several destinations ended. In place of YARP's own stage, which would credit
/// the destination that load balancing chose with what came of another one, and hold it responsible for a request that it refused early. An only
/// destination is never taken out of rotation: that would turn its few failures into many.
/// </summary>
internal sealed class PassiveHealth(IPassiveHealthCheckPolicy policy)
{
    /// <summary>Runs the stage around the forwarding.</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var proxy = context.GetReverseProxyFeature();
        return proxy.AllDestinations.Count == 1 ? next(context) : ReportAfterAsync(context, proxy, next);
    }

    private async Task ReportAfterAsync(HttpContext context, IReverseProxyFeature proxy, RequestDelegate next)
    {
        await next(context);
        if (DestinationOf(context, proxy) is { } destination && context.GetRouteModel().Cluster is { } cluster)
        {
            if (ForwardingFailures.AnswerStands(context))
            {
                // The destination has answered, say refused a large upload early: that is no failure of its own.
                context.Features.Set<IForwarderErrorFeature>(null);
            }

            policy.RequestProxied(context, cluster, destination);
        }
    }

    /// <summary>To whose account the outcome goes. When none could be reached, it stays with the chosen one: each gets its turn.</summary>
    private static DestinationState? DestinationOf(HttpContext context, IReverseProxyFeature proxy)
    {
        var (chosen, used) = (proxy.ProxiedDestination, Exchange.Of(context)?.Destination?.Address);
        return used is null || used == chosen?.DestinationId || ForwardingFailures.IsUnreachable(context.GetForwarderErrorFeature()?.Exception)
            ? chosen
            : proxy.AllDestinations.FirstOrDefault(destination => destination.DestinationId == used) ?? chosen;
    }
}
