using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;

namespace MtlsSidecar.TestKit.Sidecar;

/// <summary>Two daemons with a tunnel between: web's way out <c>raw-out</c>, and orders' way in <c>raw-in</c> before the application.</summary>
public sealed class TunnelPair : IAsyncDisposable
{
    public const string In = "raw-in";
    public const string Out = "raw-out";

    private TunnelPair(SidecarProcess orders, SidecarProcess web) => (Orders, Web) = (orders, web);

    /// <summary>The side with the application.</summary>
    public SidecarProcess Orders { get; }

    /// <summary>The calling side.</summary>
    public SidecarProcess Web { get; }

    /// <summary>The port at which web's local application enters the tunnel.</summary>
    public int Entry => Web.Tunnel(Out);

    /// <summary>Starts both. The callbacks change their settings before they start.</summary>
    public static async Task<TunnelPair> StartAsync(
        WorkloadPki pki, string application, Action<SidecarSettings>? orders = null, Action<SidecarSettings>? web = null)
    {
        var ordersSettings = SidecarSettings.For("orders", pki.Orders, pki).InboundTunnel(In, application).Allow(WorkloadPki.SpiffeId("web"));
        orders?.Invoke(ordersSettings);
        var webSettings = SidecarSettings.For("web", pki.Web, pki)
            .OutboundTunnel(Out, WorkloadPki.SpiffeId("orders"), ordersSettings.Text($"Tunnels:{In}:Listen")!);
        web?.Invoke(webSettings);

        var callee = await SidecarProcess.StartAsync(ordersSettings);
        try
        {
            return new TunnelPair(callee, await SidecarProcess.StartAsync(webSettings));
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
