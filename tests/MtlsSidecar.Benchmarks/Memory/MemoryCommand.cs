using System.Globalization;
using MtlsSidecar.Benchmarks.Handshakes;
using MtlsSidecar.Benchmarks.Measuring;
using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;
using MtlsSidecar.TestKit.Time;

namespace MtlsSidecar.Benchmarks.Memory;

/// <summary>What a running daemon grows by when its CRL of one entry is replaced by a large one.</summary>
internal static class MemoryCommand
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Loading = TimeSpan.FromMinutes(2);
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

        await HandshakeLoad.RunAsync(pki, pki.Web, sidecar.Inbound.Port, WarmUp);
        var before = ProcessCost.PssMebibytes([sidecar.Process.Id]);
        LargeCrl.Write(pki, pki.Users, entries, 3);
        await Eventually.HoldsAsync(
            async () => (await sidecar.MetricsAsync()).Sum("mtls_sidecar_crl_entries") > entries, "the large CRL is loaded", Loading);

        // Handshakes are what drops the CRL that was replaced: only a verified one takes another's place.
        await HandshakeLoad.RunAsync(pki, pki.Web, sidecar.Inbound.Port, WarmUp);
        var after = ProcessCost.PssMebibytes([sidecar.Process.Id]);
        MarkdownTable.Write(Console.Out, Heading, [[(entries + 1).ToString(CultureInfo.InvariantCulture), Text(before), Text(after), Text(after - before)]]);
        return 0;
    }

    private static string Text(double mebibytes) => mebibytes.ToString("0.0", CultureInfo.InvariantCulture);
}
