using System.Globalization;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Processes;

namespace MtlsSidecar.Benchmarks.Pairs;

/// <summary>Two <see cref="BareProxy"/> with HTTP/2 between, under the runtime's default settings.</summary>
internal static class BarePair
{
    public static async Task<ProxyPair> StartAsync(WorkloadPki pki, int application)
    {
        var (middle, entry) = (FreePorts.Next(), FreePorts.Next());
        var callee = Start("inbound", middle, application, pki.Orders);
        var caller = Start("outbound", entry, middle, pki.Web);
        await TcpProbe.WaitUntilListeningAsync(middle);
        await TcpProbe.WaitUntilListeningAsync(entry);
        return new ProxyPair("bare Kestrel + YARP (HTTP/2 between)", new Uri($"http://127.0.0.1:{entry}/"), [callee.Id, caller.Id], caller, callee);
    }

    private static ChildProcess Start(string side, int port, int destination, WorkloadFiles identity) => ChildProcess.Start(new ProcessStart(
        Path.Combine(AppContext.BaseDirectory, "MtlsSidecar.Benchmarks"), BareProxy.Command, side, port.ToString(CultureInfo.InvariantCulture), destination.ToString(CultureInfo.InvariantCulture),
        identity.CertificateFile, identity.KeyFile)
    {
        Input = "",
    });
}
