using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Handshakes;

/// <summary>One proxy that demands client certificates and checks them against the CRLs.</summary>
internal sealed record HandshakeTarget(string Name, int Port, int ProcessId, IAsyncDisposable Owner) : IAsyncDisposable
{
    public static async Task<HandshakeTarget> StartSidecarAsync(WorkloadPki pki, int application)
    {
        var settings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(SidecarSettings.Loopback(application)).Allow(WorkloadPki.SpiffeId("web"))
            .Set(":Serilog:MinimumLevel:Default", "Warning");
        var sidecar = await SidecarProcess.StartAsync(settings);
        return new HandshakeTarget("MtlsSidecar", sidecar.Inbound.Port, sidecar.Process.Id, sidecar);
    }

    public static async Task<HandshakeTarget> StartNginxAsync(TestDirectory directory, WorkloadPki pki, int application)
    {
        var port = FreePorts.Next();
        return Of("nginx", port, await NginxProcess.StartAsync(directory, port, NginxPair.Callee(pki, port, application)));
    }

    public static async Task<HandshakeTarget> StartHaProxyAsync(TestDirectory directory, WorkloadPki pki, int application)
    {
        var port = FreePorts.Next();
        return Of("HAProxy", port, await HaProxyProcess.StartAsync(directory, port, HaProxyPair.Callee(directory, pki, port, application, "http/1.1")));
    }

    public ValueTask DisposeAsync() => Owner.DisposeAsync();

    private static HandshakeTarget Of(string name, int port, ChildProcess process) => new(name, port, process.Id, process);
}
