using MtlsSidecar.TestKit.Applications;
using MtlsSidecar.TestKit.Peers;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Sidecar;

namespace MtlsSidecar.EndToEnd.Tests.Fixtures;

/// <summary>One sidecar before an application that shows the bytes it received. web may do everything.</summary>
public sealed class RawInboundFixture : IAsyncLifetime
{
    public WorkloadPki Pki { get; } = new();

    public RawApplication Application { get; } = RawApplication.AnsweringEmpty();

    public SidecarProcess Sidecar { get; private set; } = null!;

    public SidecarSettings NewSettings() =>
        SidecarSettings.For("orders", Pki.Orders, Pki).Inbound(Application.Address).Allow(WorkloadPki.SpiffeId("web"));

    /// <summary>Sends text as web over a fresh connection and returns everything until the sidecar closes it.</summary>
    public async Task<string> ExchangeAsync(string text)
    {
        await using var connection = await WireConnection.ConnectAsync(Pki, Pki.Web, Sidecar.Inbound.Port);
        return await connection.ExchangeAsync(text);
    }

    public async Task InitializeAsync() => Sidecar = await SidecarProcess.StartAsync(NewSettings());

    public async Task DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await Application.DisposeAsync();
        Pki.Dispose();
    }
}
