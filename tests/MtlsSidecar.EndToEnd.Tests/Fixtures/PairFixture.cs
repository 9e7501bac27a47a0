using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>The whole way: local caller → web's sidecar → mTLS → orders' sidecar → application, with default settings.</summary>
public class PairFixture : IAsyncLifetime
{
    public WorkloadPki Pki { get; } = new();

    public HttpApplication Application { get; private set; } = null!;

    public SidecarPair Pair { get; private set; } = null!;

    public SidecarProcess Web => Pair.Web;

    public SidecarProcess Orders => Pair.Orders;

    /// <summary>A target at the upstream's own port, which leads to the application whatever the Host header says.</summary>
    public Uri At(string pathAndQuery) => new(Pair.Entry, pathAndQuery);

    public async Task InitializeAsync()
    {
        Application = await StartApplicationAsync();
        Pair = await SidecarPair.StartAsync(Pki, Application.Address, Configure, ConfigureCaller);
    }

    public async Task DisposeAsync()
    {
        await Pair.DisposeAsync();
        await Application.DisposeAsync();
        Pki.Dispose();
    }

    protected virtual Task<HttpApplication> StartApplicationAsync() => HttpApplication.StartAsync();

    /// <summary>Changes the called side's settings before the start.</summary>
    protected virtual void Configure(SidecarSettings settings)
    {
    }

    /// <summary>Changes the calling side's settings before the start.</summary>
    protected virtual void ConfigureCaller(SidecarSettings settings)
    {
    }
}
