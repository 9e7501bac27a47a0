using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Micro;

/// <summary>Both sidecars of a pair as hosts in this process, so that one request's work and memory can be counted whole.</summary>
internal sealed class InProcessPair : IAsyncDisposable
{
    private readonly WebApplication _orders;
    private readonly WebApplication _web;

    private InProcessPair(WebApplication orders, WebApplication web, Uri inbound, Uri entry) => (_orders, _web, Inbound, Entry) = (orders, web, inbound, entry);

    /// <summary>The called side's mTLS listener.</summary>
    public Uri Inbound { get; }

    /// <summary>The calling side's own port of the upstream.</summary>
    public Uri Entry { get; }

    public static async Task<InProcessPair> StartAsync(WorkloadPki pki, string application)
    {
        var orders = SidecarSettings.For("orders", pki.Orders, pki).Inbound(application).Allow(WorkloadPki.SpiffeId("web"));
        var inbound = orders.Text("Inbound:Listen")!;
        var entry = SidecarSettings.Loopback(FreePorts.Next());
        var web = SidecarSettings.For("web", pki.Web, pki).Upstream("orders", WorkloadPki.SpiffeId("orders"), inbound).Set("Outbound:Upstreams:orders:Listen", entry);
        return new InProcessPair(await StartAsync(orders), await StartAsync(web), new Uri(inbound), new Uri(entry));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in new[] { _web, _orders })
        {
            await host.DrainAndStopAsync();
            await host.DisposeAsync();
        }
    }

    private static async Task<WebApplication> StartAsync(SidecarSettings settings)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(settings.ToJson()))).Build();
        var read = SidecarOptionsReader.Read(configuration, []);
        var errors = new List<ConfigurationError>(read.Errors);
        var options = read.Options ?? throw new InvalidOperationException(string.Join('\n', errors));
        var material = TrustMaterial.Open(options, errors) ?? throw new InvalidOperationException(string.Join('\n', errors));

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddMtlsSidecar(options, material);
        var host = builder.Build();
        host.UseMtlsSidecar();
        await host.StartAsync();
        return host;
    }
}
