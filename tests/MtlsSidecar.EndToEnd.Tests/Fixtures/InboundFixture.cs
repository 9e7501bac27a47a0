using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>One sidecar before one application: what peers see. web may do everything, others nothing.</summary>
public class InboundFixture : IAsyncLifetime
{
    public WorkloadPki Pki { get; } = new();

    public HttpApplication Application { get; private set; } = null!;

    public SidecarProcess Sidecar { get; private set; } = null!;

    /// <summary>Variables added to the sidecar's environment.</summary>
    protected IReadOnlyDictionary<string, string?>? Environment { get; set; }

    public int Port => Sidecar.Inbound.Port;

    public async Task InitializeAsync()
    {
        Application = await HttpApplication.StartAsync();
        var settings = SidecarSettings.For("orders", Pki.Orders, Pki).Inbound(Application.Address);
        Configure(settings);
        Sidecar = await SidecarProcess.StartAsync(settings, Environment);
    }

    public async Task DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await Application.DisposeAsync();
        Pki.Dispose();
    }

    /// <summary>Changes the settings before the start.</summary>
    protected virtual void Configure(SidecarSettings settings) => settings.Allow(WorkloadPki.SpiffeId("web"));
}
