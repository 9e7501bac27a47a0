using System.Diagnostics;
using System.Globalization;
using MtlsSidecar.Benchmarks.Handshakes;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.Benchmarks.Tunnels;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Benchmarks.Revocation;

/// <summary>From the CRL file that lists a peer to the end of each of its open connections, alone and among many other peers.</summary>
internal static class RevocationCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<int> RunAsync(int runs, int entries, int peers)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        await PublishedDaemon.UseAsync(directory["daemon"]);
        await using var application = await HttpApplication.StartAsync();
        using var echo = new TcpEcho();
        var settings = SidecarSettings.For("orders", pki.Orders, pki)
            .Inbound(application.Address)
            .InboundTunnel(LivePeer.Tunnel, $"tcp://127.0.0.1:{echo.Port}")
            .Allow(WorkloadPki.SpiffeId("web"));
        await using var sidecar = await SidecarProcess.StartAsync(settings, PublishedDaemon.Environment);

        var numbers = Enumerable.Range(2, int.MaxValue - 2).GetEnumerator();
        var rows = new List<string[]> { Row(0, await MeasureAsync(pki, sidecar, (runs, entries), numbers)) };
        var others = await ConnectAsync(pki, sidecar, peers);
        rows.Add(Row(peers, await MeasureAsync(pki, sidecar, (runs, entries), numbers)));
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        MarkdownTable.Write(Console.Out, ["Other live peers", .. LivePeer.Kinds.Select(kind => $"{kind}, ms")], rows);
        return 0;
    }

    private static string[] Row(int peers, IEnumerable<double> medians)
        => [.. medians.Prepend(peers).Select(value => value.ToString("0", CultureInfo.InvariantCulture))];

    /// <summary>The median of each kind, in milliseconds.</summary>
    private static async Task<IReadOnlyList<double>> MeasureAsync(WorkloadPki pki, SidecarProcess sidecar, (int Runs, int Entries) size, IEnumerator<int> numbers)
    {
        var times = LivePeer.Kinds.Select(_ => new List<double>()).ToList();
        for (var run = 0; run < size.Runs; run++)
        {
            numbers.MoveNext();
            var workload = pki.Issue($"revoked-{numbers.Current}", WorkloadPki.ForWorkload("web"));
            await using var peer = await LivePeer.OpenAsync(pki, workload, sidecar);

            // Made before the clock starts: how fast an authority signs is not the question.
            var crl = LargeCrl.Create(pki, workload, size.Entries, numbers.Current);
            var watch = Stopwatch.StartNew();
            AtomicRename.Write(pki.CrlFile, crl);
            await Task.WhenAll(peer.Ends.Select(async (end, kind) =>
            {
                await end.WaitAsync(Limit);
                times[kind].Add(watch.Elapsed.TotalMilliseconds);
            }));
        }

        return [.. times.Select(Median.Of)];
    }

    /// <summary>Connections of so many peers, each with a certificate of its own, which stay open.</summary>
    private static async Task<List<WireConnection>> ConnectAsync(WorkloadPki pki, SidecarProcess sidecar, int peers)
    {
        await Console.Error.WriteLineAsync($"connecting {peers} peers");
        var connections = new List<WireConnection>();
        for (var index = 0; index < peers; index++)
        {
            var workload = pki.Issue($"peer-{index}", WorkloadPki.ForWorkload($"peer-{index}"));
            connections.Add(await WireConnection.ConnectAsync(pki, workload, sidecar.Inbound.Port));
        }

        await Eventually.HoldsAsync(
            async () => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_connections", ("direction", "inbound")) >= peers, "all peers are connected");
        return connections;
    }
}
