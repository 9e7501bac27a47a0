using MtlsSidecar.TestKit.Networking;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>Two daemons: web's way out, and orders' way in before the application. Plain HTTP at both ends, mTLS between.</summary>
public sealed class SidecarPair : IAsyncDisposable
{
    private SidecarPair(SidecarProcess orders, SidecarProcess web)
    {
        (Orders, Web) = (orders, web);
    }

    /// <summary>The called side.</summary>
    public SidecarProcess Orders { get; }

    /// <summary>The calling side; its upstream is named <c>orders</c>.</summary>
    public SidecarProcess Web { get; }

    /// <summary>The upstream's own port at web's sidecar: what is called there goes to orders, whatever its Host says.</summary>
    public Uri Entry => new(Web.Settings.Text("Outbound:Upstreams:orders:Listen")!);

    /// <summary>Starts both. The callbacks change their settings before they start.</summary>
    public static async Task<SidecarPair> StartAsync(
        WorkloadPki pki, string application, Action<SidecarSettings>? orders = null, Action<SidecarSettings>? web = null)
    {
        var ordersSettings = SidecarSettings.For("orders", pki.Orders, pki).Inbound(application).Allow(WorkloadPki.SpiffeId("web"));
        orders?.Invoke(ordersSettings);
        var webSettings = SidecarSettings.For("web", pki.Web, pki)
            .Upstream("orders", WorkloadPki.SpiffeId("orders"), ordersSettings.Text("Inbound:Listen")!);
        webSettings.Set("Outbound:Upstreams:orders:Listen", SidecarSettings.Loopback(FreePorts.Next()));
        web?.Invoke(webSettings);

        var callee = await SidecarProcess.StartAsync(ordersSettings);
        try
        {
            return new SidecarPair(callee, await SidecarProcess.StartAsync(webSettings));
        }
        catch
        {
            await callee.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Web.DisposeAsync();
        await Orders.DisposeAsync();
    }
}
