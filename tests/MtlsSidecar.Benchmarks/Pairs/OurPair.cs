using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Two sidecars with mutual TLS and, as by default, HTTP/2 between; every default but the log level as shipped.</summary>
internal static class OurPair
{
    public static async Task<ProxyPair> StartAsync(WorkloadPki pki, int application)
    {
        var pair = await SidecarPair.StartAsync(pki, SidecarSettings.Loopback(application), Quiet, Quiet);
        return new ProxyPair("MtlsSidecar (HTTP/2 between)", pair.Entry, [pair.Orders.Process.Id, pair.Web.Process.Id], pair);
    }

    // As PublishedDaemon.Environment, for a pair.
    private static void Quiet(SidecarSettings settings) => settings.Set(":Serilog:MinimumLevel:Default", "Warning");
}
