using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>An application behind a tunnel of each test's own.</summary>
public abstract class TunnelHouse : OrdersHouse
{
    protected TcpApplication Application { get; } = new();

    public override async Task DisposeAsync()
    {
        await Application.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>Starts the whole way: web's sidecar → mTLS → orders' sidecar → application. The callbacks change their settings before they start.</summary>
    protected Task<TunnelPair> StartPairAsync(Action<SidecarSettings>? orders = null, Action<SidecarSettings>? web = null)
        => TunnelPair.StartAsync(Pki, Application.Address, orders, web);

    protected override void Lead(SidecarSettings settings) => settings.InboundTunnel(TunnelPair.In, Application.Address);
}
