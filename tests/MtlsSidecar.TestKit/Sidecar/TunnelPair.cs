using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>Two daemons with a tunnel between: web's way out, and orders' way in before the application; unless documented otherwise <c>raw-out</c> and <c>raw-in</c>.</summary>
public sealed class TunnelPair : IAsyncDisposable
{
    public const string In = "raw-in";
    public const string Out = "raw-out";

    private readonly string _out;

    private TunnelPair(SidecarProcess orders, SidecarProcess web, string entrance) => (Orders, Web, _out) = (orders, web, entrance);

    /// <summary>The side with the application.</summary>
    public SidecarProcess Orders { get; }

    /// <summary>The calling side.</summary>
    public SidecarProcess Web { get; }

    /// <summary>The port at which web's local application enters the tunnel.</summary>
    public int Entry => Web.Tunnel(_out);

    /// <summary>Starts both. The callbacks change their settings before they start.</summary>
    public static async Task<TunnelPair> StartAsync(
        WorkloadPki pki, string application, Action<SidecarSettings>? orders = null, Action<SidecarSettings>? web = null)
    {
        var ordersSettings = SidecarSettings.For("orders", pki.Orders, pki).InboundTunnel(In, application).Allow(WorkloadPki.SpiffeId("web"));
        orders?.Invoke(ordersSettings);
        var webSettings = SidecarSettings.For("web", pki.Web, pki)
            .OutboundTunnel(Out, WorkloadPki.SpiffeId("orders"), ordersSettings.Text($"Tunnels:{In}:Listen")!);
        web?.Invoke(webSettings);

        return await StartAsync(ordersSettings, webSettings, Out);
    }

    /// <summary>
    /// Starts both as a page of the documentation shows them: nothing is changed but files, ports and hosts. The called side is the workload that
    /// the page names.
    /// </summary>
    /// <param name="pki">The certificates.</param>
    /// <param name="page">The page below <c>docs</c>: the client's configuration, then the server's.</param>
    /// <param name="tunnel">The tunnel's name without <c>-out</c> and <c>-in</c>.</param>
    /// <param name="application">Where the called side's tunnel leads.</param>
    /// <param name="orders">Changes the called side's settings before the start.</param>
    public static Task<TunnelPair> StartDocumentedAsync(
        WorkloadPki pki, string page, string tunnel, string application, Action<SidecarSettings>? orders = null)
    {
        var settings = Documentation.JsonBlocks(page).Select(SidecarSettings.Parse).ToList();
        var (web, called) = (settings[0], settings[1]);
        Place(web, pki);
        Place(called, pki);
        called.Set($"Tunnels:{tunnel}-in:Destinations", new[] { application });
        orders?.Invoke(called);

        // The others of several destinations are down; the first must do.
        var destinations = Enumerable.Range(0, web.Count($"Tunnels:{tunnel}-out:Destinations")).Select(_ => Loopback()).ToArray();
        destinations[0] = called.Text($"Tunnels:{tunnel}-in:Listen")!;
        web.Set($"Tunnels:{tunnel}-out:Destinations", destinations);
        return StartAsync(called, web, $"{tunnel}-out");
    }

    private static void Place(SidecarSettings settings, WorkloadPki pki)
    {
        var identity = pki.Issue(settings.Text("Name")!);
        settings
            .Set("Identity:CertificateFile", identity.CertificateFile)
            .Set("Identity:KeyFile", identity.KeyFile)
            .Set("Trust:BundleFile", pki.BundleFile)
            .Set("Validation:Crl:Files", new[] { pki.CrlFile })
            .Set("Admin", new { Listen = SidecarSettings.Loopback(FreePorts.Next()), Probes = SidecarSettings.Loopback(FreePorts.Next()) });
        foreach (var name in settings.Names("Tunnels"))
        {
            settings.Set($"Tunnels:{name}:Listen", Loopback());
        }
    }

    private static string Loopback() => $"tcp://127.0.0.1:{FreePorts.Next()}";

    private static async Task<TunnelPair> StartAsync(SidecarSettings orders, SidecarSettings web, string entrance)
    {
        var callee = await SidecarProcess.StartAsync(orders);
        try
        {
            return new TunnelPair(callee, await SidecarProcess.StartAsync(web), entrance);
        }
        catch
        {
            await callee.DisposeAsync();
            throw;
        }
    }

    /// <summary>A local application of web enters the tunnel.</summary>
    public Task<WireConnection> ConnectAsync() => WireConnection.ConnectPlainAsync(Entry);

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Orders.DisposeAsync();
    }
}
