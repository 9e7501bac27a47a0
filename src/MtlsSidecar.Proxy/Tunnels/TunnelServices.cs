using Microsoft.Extensions.DependencyInjection;
using MtlsSidecar.Proxy.Configuration;

namespace MtlsSidecar.Proxy.Tunnels;

/// <summary>
/// Opaque TCP over mutual TLS, for every protocol that isn't HTTP: the same identity, validation, authorization and revocation, and then
/// bytes. A tunnel never looks at what it carries, never holds back what one side said for the other to say something, and passes a
/// reset on as a reset. A peer's FIN without <c>close_notify</c> counts as an end, as a FIN in the clear does.
/// </summary>
internal static class TunnelServices
{
    /// <summary>Adds the tunnels of the configuration; without any nothing listens and nothing runs.</summary>
    public static IServiceCollection AddTunnels(this IServiceCollection services, SidecarOptions options) => services
        .AddSingleton(new TunnelSet(options.Tunnels))
        .AddSingleton<TunnelAccount>()
        .AddSingleton<ApplicationDialer>()
        .AddSingleton<DestinationDialer>()
        .AddSingleton<TunnelParts>()
        .AddSingleton<TunnelListeners>()
        .AddHostedService(provider => provider.GetRequiredService<TunnelListeners>())
        .AddHostedService<TunnelWatch>();
}
