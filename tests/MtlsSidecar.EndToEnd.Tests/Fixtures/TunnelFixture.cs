using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>The whole way: local caller → web's sidecar → mTLS → orders' sidecar → application, whose connections the test takes itself.</summary>
public class TunnelFixture : IAsyncLifetime
{
    public WorkloadPki Pki { get; } = new();

    public TcpApplication Application { get; } = new();

    public TunnelPair Pair { get; private set; } = null!;

    /// <summary>A local caller and the application's end of its tunnel.</summary>
    public async Task<(WireConnection Caller, WireConnection Application)> ConnectAsync()
    {
        var caller = await Pair.ConnectAsync();
        return (caller, await Application.AcceptAsync());
    }

    /// <summary>A peer of our inbound side in the test's own process, and the application's end of its tunnel.</summary>
    public async Task<(WireConnection Peer, WireConnection Application)> ConnectPeerAsync()
    {
        var peer = await WireConnection.ConnectAsync(Pki, Pki.Web, Pair.Orders.Tunnel(TunnelPair.In));
        return (peer, await Application.AcceptAsync());
    }

    public async Task InitializeAsync() => Pair = await StartAsync();

    public async Task DisposeAsync()
    {
        await Pair.DisposeAsync();
        await Application.DisposeAsync();
        Pki.Dispose();
    }

    /// <summary>Starts both sidecars.</summary>
    protected virtual Task<TunnelPair> StartAsync() => TunnelPair.StartAsync(Pki, Application.Address, Configure, ConfigureCaller);

    /// <summary>Changes the called side's settings before the start.</summary>
    protected virtual void Configure(SidecarSettings settings)
    {
    }

    /// <summary>Changes the calling side's settings before the start.</summary>
    protected virtual void ConfigureCaller(SidecarSettings settings)
    {
    }
}
