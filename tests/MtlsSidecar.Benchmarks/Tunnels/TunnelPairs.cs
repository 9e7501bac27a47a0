using MtlsSidecar.Benchmarks.Pairs;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.Benchmarks.Tunnels;

/// <summary>Pairs that carry opaque TCP: plain in, mutual TLS between, plain out to the application.</summary>
internal static class TunnelPairs
{
    /// <summary>More than any measurement opens; HAProxy refuses to start when twice as many file handles are not allowed (<c>ulimit -n</c>).</summary>
    private const int MaxConnections = 8_000;

    public static async Task<ProxyPair> StartOursAsync(WorkloadPki pki, int application)
    {
        var pair = await TunnelPair.StartAsync(pki, $"tcp://127.0.0.1:{application}", Prepare(TunnelPair.In), Prepare(TunnelPair.Out));
        return Of("MtlsSidecar", pair.Entry, [pair.Orders.Process.Id, pair.Web.Process.Id], pair);
    }

    public static async Task<ProxyPair> StartHaProxyAsync(TestDirectory directory, WorkloadPki pki, int application)
    {
        var (middle, entry) = (FreePorts.Next(), FreePorts.Next());
        var callee = await HaProxyProcess.StartAsync(directory, middle, $"""
            listen mtls
                mode tcp
                bind 127.0.0.1:{middle} ssl crt {Identity(directory, pki.Orders)} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required no-tls-tickets
                server one 127.0.0.1:{application}
            """, MaxConnections);
        var caller = await HaProxyProcess.StartAsync(directory, entry, $"""
            listen plain
                mode tcp
                bind 127.0.0.1:{entry}
                server one 127.0.0.1:{middle} ssl crt {Identity(directory, pki.Web)} ca-file {pki.BundleFile} crl-file {pki.CrlFile} verify required verifyhost localhost sni str(localhost)
            """, MaxConnections);
        return Of("HAProxy", entry, [callee.Id, caller.Id], caller, callee);
    }

    public static async Task<ProxyPair> StartStunnelAsync(WorkloadPki pki, int application)
    {
        var callee = await Stunnel.StartServerAsync(pki, pki.Orders, application);
        var caller = await Stunnel.StartClientAsync(pki, pki.Web, callee.Port);
        return Of("stunnel", caller.Port, [callee.ProcessId, caller.ProcessId], caller, callee);
    }

    private static ProxyPair Of(string name, int entry, IReadOnlyList<int> processes, params IReadOnlyList<IAsyncDisposable> owned)
        => new(name, new Uri($"tcp://127.0.0.1:{entry}"), processes, owned);

    private static Action<SidecarSettings> Prepare(string tunnel) => settings => settings
        .Set(":Serilog:MinimumLevel:Default", "Warning")
        .Set($"Tunnels:{tunnel}:MaxConnections", MaxConnections)
        .Set($"Tunnels:{tunnel}:MaxConnectionsPerPeer", MaxConnections);

    private static string Identity(TestDirectory directory, WorkloadFiles workload)
        => directory.Write($"{workload.Serial}.pem", workload.Certificate.CertificatePem + workload.Certificate.KeyPem);
}
