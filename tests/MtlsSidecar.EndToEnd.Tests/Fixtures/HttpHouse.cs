using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>An HTTP application of each test's own.</summary>
public abstract class HttpHouse : OrdersHouse
{
    protected HttpApplication Application { get; private set; } = null!;

    public override async Task InitializeAsync() => Application = await HttpApplication.StartAsync();

    public override async Task DisposeAsync()
    {
        await Application.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Lead(SidecarSettings settings) => settings.Inbound(Application.Address);
}
