using System.Globalization;
using MtlsSidecar.Benchmarks.Handshakes;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Benchmarks.Memory;

/// <summary>
/// What a running daemon grows by when its CRL of one entry is replaced by a small one, and that by a large one. The first row is what the
/// exchange itself costs, whatever the size.
/// </summary>
internal static class MemoryCommand
{
    private const int SmallEntries = 10;
    private const double Rest = 0.3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Loading = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Reading = TimeSpan.FromSeconds(1);
    private static readonly string[] Heading = ["CRL entries", "Memory before, MiB", "Memory after, MiB", "Growth, MiB"];

    public static async Task<int> RunAsync(int entries)
    {
        using var directory = new TestDirectory();
        using var pki = new WorkloadPki();
        await PublishedDaemon.UseAsync(directory["daemon"]);
        await using var application = await HttpApplication.StartAsync();
        LargeCrl.Write(pki, pki.Users, 0, 2);
        var settings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(application.Address).Allow(WorkloadPki.SpiffeId("web"));
        await using var sidecar = await SidecarProcess.StartAsync(settings, PublishedDaemon.Environment);

        var before = await AfterHandshakesAsync(pki, sidecar);
        var rows = new List<string[]>();
        foreach (var (size, number) in new[] { (SmallEntries, 3), (entries, 4) })
        {
            LargeCrl.Write(pki, pki.Users, size, number);
            await Eventually.HoldsAsync(async () => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_crl_entries") > size, "the CRL is loaded", Loading);

            // Handshakes are what drops the CRL that was replaced: only a verified one takes another's place.
            var after = await AfterHandshakesAsync(pki, sidecar);
            rows.Add([(size + 1).ToString(CultureInfo.InvariantCulture), Text(before), Text(after), Text(after - before)]);
            before = after;
        }

        MarkdownTable.Write(Console.Out, Heading, rows);
        return 0;
    }

    /// <summary>
    /// The memory after a load of handshakes, once it is at rest: for some seconds the runtime compiles in the background what the load has made
    /// hot, five MiB of it after the first load, and that is no CRL's.
    /// </summary>
    private static async Task<double> AfterHandshakesAsync(WorkloadPki pki, SidecarProcess sidecar)
    {
        await HandshakeLoad.RunAsync(pki, pki.Web, sidecar.Inbound.Port, WarmUp);
        var (earlier, last) = (double.MaxValue, ProcessCost.PssMebibytes([sidecar.Process.Id]));
        while (Math.Abs(last - earlier) > Rest)
        {
            await Task.Delay(Reading);
            (earlier, last) = (last, ProcessCost.PssMebibytes([sidecar.Process.Id]));
        }

        return last;
    }

    private static string Text(double mebibytes) => mebibytes.ToString("0.0", CultureInfo.InvariantCulture);
}
