using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Hosting;

public sealed class StartOrderTests
{
    [Fact]
    public async Task CrlFiles_AreReadBeforeAnyTunnelListens()
    {
        using var pki = new WorkloadPki();
        await using var app = SmallestSidecar.Build(pki);

        var order = app.Services.GetServices<IHostedService>().Select(service => service.GetType()).ToList();

        order.Should().Contain([typeof(FileWatching), typeof(TunnelListeners)]);
        order.IndexOf(typeof(FileWatching)).Should().BeLessThan(order.IndexOf(typeof(TunnelListeners)));
    }
}
