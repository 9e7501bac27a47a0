using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>
/// Certificates of each test's own, and the sidecar orders before an application, which the test starts itself: for tests that change or end
/// what others would share.
/// </summary>
public abstract class OrdersHouse : IAsyncLifetime
{
    protected WorkloadPki Pki { get; } = new();

    public virtual Task InitializeAsync() => Task.CompletedTask;

    public virtual Task DisposeAsync()
    {
        Pki.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>orders before the application.</summary>
    protected SidecarSettings Orders()
    {
        var settings = SidecarSettings.For("orders", Pki.Orders, Pki);
        Lead(settings);
        Configure(settings);
        return settings;
    }

    /// <summary>Starts orders before the application. The callback changes its settings before it starts.</summary>
    protected Task<SidecarProcess> StartOrdersAsync(Action<SidecarSettings>? configure = null)
    {
        var settings = Orders();
        configure?.Invoke(settings);
        return SidecarProcess.StartAsync(settings);
    }

    /// <summary>Leads what orders lets through to the application.</summary>
    protected abstract void Lead(SidecarSettings settings);

    /// <summary>What all tests of a class set. By default web may do everything, others nothing.</summary>
    protected virtual void Configure(SidecarSettings settings) => settings.Allow(WorkloadPki.SpiffeId("web"));
}
