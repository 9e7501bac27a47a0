using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Tests.Configuration;
using MtlsSidecar.Proxy.Tunnels;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.Proxy.Tests.Hosting;

public sealed class StartOrderTests
{
    [Fact]
    public async Task CrlFiles_AreReadBeforeAnyTunnelListens()
    {
        using var pki = new WorkloadPki();
        var options = SampleConfiguration.Read(JsonSerializer.Serialize(new
        {
            Sidecar = new
            {
                Identity = new { pki.Web.CertificateFile, pki.Web.KeyFile },
                Trust = new { pki.BundleFile },
            },
        })).Options!;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.AddMtlsSidecar(options, TrustMaterial.Open(options, new List<ConfigurationError>())!);
        await using var app = builder.Build();

        var order = app.Services.GetServices<IHostedService>().Select(service => service.GetType()).ToList();

        order.Should().Contain([typeof(FileWatching), typeof(TunnelListeners)]);
        order.IndexOf(typeof(FileWatching)).Should().BeLessThan(order.IndexOf(typeof(TunnelListeners)));
    }
}
